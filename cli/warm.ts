import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensurePrograms, warmPrograms } from './programs.ts'

/**
 * Makes the programs that the background parts run from, and loads what they and the commands load, so that Node's compile
 * cache holds all of it before they start. Run once by the launcher.
 */
const home = dirname(dirname(fileURLToPath(import.meta.url)))
await Promise.all([import('./up.ts'), import('./join.ts'), ensurePrograms(home).then(warmPrograms)])
