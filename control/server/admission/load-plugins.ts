import type { ServerPart } from '../parts.ts'

/** Before it listens the server has in memory what its admission plugins look at. */
export const loadAdmission: ServerPart = {
  name: 'admission/load-plugins',
  async start(tools) {
    await Promise.all(tools.admission.map((plugin) => plugin.load?.(tools)))
  },
}
