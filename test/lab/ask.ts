/**
 * `node ask.ts tcp|udp HOST PORT COUNT [SOURCE-PORT]`: asks an echo server COUNT times, one after the other, each time
 * from a new socket (for UDP with a SOURCE-PORT: all from one), and prints a JSON array with each answer's text, or the
 * error's code (`ECONNREFUSED`, `timeout`, …).
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

const [protocol = 'tcp', host = '', port = '0', count = '1', sourcePort = '0'] = process.argv.slice(2)
const patience = 1500

const askTcp = (): Promise<string> => new Promise((resolve) => {
  const socket = connect({ host, port: Number(port) })
  const done = (answer: string) => { clearTimeout(timer); socket.destroy(); resolve(answer) }
  const timer = setTimeout(() => done('timeout'), patience)
  socket.once('data', (data) => done(data.toString().trim())).once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'))
})

const askUdp = (): Promise<string> => new Promise((resolve) => {
  const socket = createSocket('udp4')
  const done = (answer: string) => { clearTimeout(timer); socket.close(() => resolve(answer)) }
  const timer = setTimeout(() => done('timeout'), patience)
  socket.once('message', (data) => done(data.toString())).once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'))
  socket.bind(Number(sourcePort), () => socket.connect(Number(port), host, () => socket.send('hello')))
})

const answers: string[] = []
for (let turn = 0; turn < Number(count); turn++) answers.push(await (protocol === 'udp' ? askUdp() : askTcp()))
console.log(JSON.stringify(answers))
