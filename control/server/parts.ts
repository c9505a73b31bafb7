import type { Tools } from './tools.ts'

/**
 * A part of the server that has work of its own beside answering requests: it makes the default roles, follows
 * CustomResourceDefinitions, asks after aggregated servers. `start` runs before the server listens, in the order of the array;
 * work that goes on afterwards ends with `tools.ending`. Its name shows in `/readyz` as `poststarthook/<name>`.
 */
export interface ServerPart {
  readonly name: string
  start(tools: Tools): Promise<void>
}
