import { code } from './spec.ts'
import { wireFields, wireVersion } from './wire.ts'

export interface ExecutableOptions {
  /** The agent's socket. */
  readonly socket: string
  /** The Node that runs the fall-back, and the file it runs. */
  readonly nodePath: string
  readonly mainPath: string
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * The executable that the runtime starts: plain POSIX shell, since starting Node would cost more than the whole job. It
 * hands environment and input to the agent with socat. Nobody listening, or no socat: the plugin itself runs. An agent
 * that dies in the middle is told apart: the call must not run twice at once, so the runtime is asked to try again.
 */
export const renderExecutable = ({ socket, nodePath, mainPath }: ExecutableOptions): string => {
  if (!/^\/[\w./-]+$/.test(socket)) throw new Error(`the path of the socket must be plain, since socat reads it: ${socket}`)
  const values = wireFields.map(name => `"\${${name}-}"`).join(' ')
  const died = JSON.stringify({ cniVersion: '1.0.0', code: code.tryAgainLater, msg: 'the k8ts agent went away during the call' })
  return `#!/bin/sh
# k8ts CNI plugin: hands the call to the agent; without one it runs by itself. Written by k8ts, do not edit.
input=$(cat)
if [ -S ${socket} ] && reply=$({ printf '%s\\0' ${wireVersion} ${values}; printf '%s' "$input"; } | socat -t 120 - UNIX-CONNECT:${socket} 2>/dev/null); then
  if [ -z "$reply" ]; then
    printf '%s\\n' ${quote(died)}
    exit 1
  fi
  exitcode=\${reply%%"
"*}
  printf '%s\\n' "\${reply#*"
"}"
  exit "$exitcode"
fi
printf '%s' "$input" | { exec ${quote(nodePath)} ${quote(mainPath)}; }
`
}
