import type { compileCel, celResultType } from './compile.ts'

let loaded: Promise<{ compileCel: typeof compileCel; celResultType: typeof celResultType }> | undefined

/** The compiler, loaded with the first expression there is. */
export const loadCel = (): NonNullable<typeof loaded> => (loaded ??= import('./compile.ts'))
