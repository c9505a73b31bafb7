import type { Kind } from '../../../api/kinds/kind.ts'
import { builtinKinds } from '../../../api/kinds/registry.ts'
import type { ControllerDeps } from '../deps.ts'

/** Every kind whose objects are stored and can be deleted, each once; Events are left out: they own nothing and go by themselves. */
export function deletableKinds({ options }: ControllerDeps): Kind[] {
  const storages = new Set<string>()
  return (options?.kinds ?? builtinKinds).filter((kind) => {
    const isNew = !storages.has(kind.storage)
    storages.add(kind.storage)
    return isNew && kind.kind !== 'Event' && (['list', 'watch', 'delete'] as const).every((verb) => kind.verbs.includes(verb))
  })
}
