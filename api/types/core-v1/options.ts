import type { Infer } from '../../schema/schema.ts'
import { always, bool, int32, int64, list, opt, req, string, struct, time } from '../../schema/schema.ts'

export const PodAttachOptions = struct('core/v1.PodAttachOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  stdin: opt(1, bool),
  stdout: opt(2, bool),
  stderr: opt(3, bool),
  tty: opt(4, bool),
  container: opt(5, string),
})
export interface PodAttachOptions extends Infer<typeof PodAttachOptions> {}

export const PodExecOptions = struct('core/v1.PodExecOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  stdin: opt(1, bool),
  stdout: opt(2, bool),
  stderr: opt(3, bool),
  tty: opt(4, bool),
  container: opt(5, string),
  command: req(6, list(string), { listType: 'atomic' }),
})
export interface PodExecOptions extends Infer<typeof PodExecOptions> {}

export const PodLogOptions = struct('core/v1.PodLogOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  container: opt(1, string),
  follow: opt(2, bool),
  previous: opt(3, bool),
  sinceSeconds: opt(4, int64, { pointer: true }),
  sinceTime: opt(5, time),
  timestamps: opt(6, bool),
  tailLines: opt(7, int64, { pointer: true }),
  limitBytes: opt(8, int64, { pointer: true }),
  insecureSkipTLSVerifyBackend: opt(9, bool),
  stream: opt(10, string, { pointer: true }),
})
export interface PodLogOptions extends Infer<typeof PodLogOptions> {}

export const PodPortForwardOptions = struct('core/v1.PodPortForwardOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  ports: opt(1, list(int32), { listType: 'atomic' }),
})
export interface PodPortForwardOptions extends Infer<typeof PodPortForwardOptions> {}
