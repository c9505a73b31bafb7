import { enableCompileCache } from 'node:module'

/** The stand-alone plugin. What it needs is imported behind the switch-on of the compile cache, which halves its start. */
enableCompileCache()
const { runStandAlone } = await import('./stand-alone/main.ts')
process.exitCode = await runStandAlone()
