import type { CniRequest, Reply } from './spec.ts'

/**
 * What passes between the executable and the agent. It sends a line with the version and the lengths in bytes of the
 * variables, then the variables one behind the other, then the input; the agent answers with the exit code, a line end
 * and the output.
 */
export const wireVersion = 'k8ts-cni/1'

/** The environment variables in the order they are sent. */
export const wireFields = ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS', 'CNI_PATH'] as const

/** `undefined`: not one of ours. */
export const decodeRequest = (bytes: Buffer): CniRequest | undefined => {
  const end = bytes.indexOf('\n')
  const [version, ...lengths] = bytes.subarray(0, Math.max(end, 0)).toString('latin1').split(' ')
  if (version !== wireVersion || lengths.length !== wireFields.length || !lengths.every(length => /^\d{1,7}$/.test(length))) return undefined
  let at = end + 1
  const values = lengths.map(length => bytes.subarray(at, at += Number(length)).toString('utf8'))
  if (at > bytes.length) return undefined
  return toRequest(values, bytes.subarray(at).toString('utf8'))
}

export const encodeReply = ({ exitCode, output }: Reply): string => `${exitCode}\n${output}`

/** The request of a process started as the plugin itself. */
export const requestFromEnvironment = (env: Readonly<Record<string, string | undefined>>, input: string): CniRequest =>
  toRequest(wireFields.map(name => env[name] ?? ''), input)

const toRequest = ([command = '', containerID = '', netns = '', ifname = '', args = '', path = '']: string[], input: string): CniRequest =>
  ({ command, containerID, netns, ifname, args, path, input })
