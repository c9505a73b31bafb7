import type { CniRequest, Reply } from './spec.ts'

/**
 * What passes between the shell script and the agent: the script sends fields ended by a zero byte (which neither the
 * environment nor the shell can hold), the agent answers with the exit code, a line end and the output.
 */
export const wireVersion = 'k8ts-cni/1'

/** The environment variables, in the order they are sent after the version; the input comes last. */
export const wireFields = ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS', 'CNI_PATH'] as const

/** `undefined`: not one of ours. */
export const decodeRequest = (bytes: Buffer): CniRequest | undefined => {
  const [version, command, containerID, netns, ifname, args, path, ...input] = bytes.toString('utf8').split('\0')
  if (version !== wireVersion || path === undefined || input.length === 0) return undefined
  return { command: command!, containerID: containerID!, netns: netns!, ifname: ifname!, args: args!, path, input: input.join('\0') }
}

export const encodeReply = ({ exitCode, output }: Reply): string => `${exitCode}\n${output}`

/** The request of a process started as the plugin itself. */
export const requestFromEnvironment = (env: Readonly<Record<string, string | undefined>>, input: string): CniRequest => ({
  command: env['CNI_COMMAND'] ?? '', containerID: env['CNI_CONTAINERID'] ?? '', netns: env['CNI_NETNS'] ?? '',
  ifname: env['CNI_IFNAME'] ?? '', args: env['CNI_ARGS'] ?? '', path: env['CNI_PATH'] ?? '', input,
})
