/**
 * `node streams-client.ts KUBECONFIG POD`: what `@kubernetes/client-node` hears of a pod that serves /www on 8080: runs a
 * command with an input, forwards a port, follows the log. Prints a JSON object.
 */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Exec, KubeConfig, Log, PortForward } from '@kubernetes/client-node'

const [file = '', pod = ''] = process.argv.slice(2)
const config = new KubeConfig()
config.loadFromFile(file)

/** The output and the status of a command that gets `input`. */
async function exec(command: string[], input: string): Promise<{ stdout: string; stderr: string; status: unknown }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const status = new Promise<unknown>((resolve, reject) => {
    new Exec(config).exec('default', pod, 'main', command, stdout, stderr, input === '' ? null : Readable.from([input]), false, resolve).catch(reject)
  })
  const said = await status
  stdout.end()
  stderr.end()
  return { stdout: await text(stdout), stderr: await text(stderr), status: said }
}

/** Fetches a path of the pod through a forwarded port. */
async function forward(path: string): Promise<string> {
  const forwarder = new PortForward(config, true)
  const server = createServer((socket) => { void forwarder.portForward('default', pod, [8080], socket, null, socket) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers: { connection: 'close' } })
    return await answer.text()
  } finally {
    server.close()
  }
}

async function log(): Promise<string> {
  const stream = new PassThrough()
  await new Log(config).log('default', pod, 'main', stream, { tailLines: 1 })
  return text(stream)
}

const results = {
  echo: await exec(['sh', '-c', 'head -n 1; echo complaint >&2'], 'a line\n'),
  failed: await exec(['sh', '-c', 'exit 3'], ''),
  forwarded: await forward('/small'),
  log: await log(),
}
console.log(JSON.stringify(results))
process.exit(0)
