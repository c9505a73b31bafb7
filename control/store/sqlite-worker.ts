import { parentPort, workerData } from 'node:worker_threads'
import { type FileOptions, openFile, storeErrorOf } from './sqlite-file.ts'
import { type ChangesReply, type ListReply, type Opened, type Packed, pack, type Reply, type Request, unpack, type WriteReply } from './sqlite-protocol.ts'
import { SqliteWriter } from './sqlite-writer.ts'

/** The thread that owns the database: one request after the other, so that a read sees every write asked before it. */
const port = parentPort!
const options = workerData as FileOptions

interface Answer { readonly result: unknown; readonly transfer?: readonly Packed[] }

function answer(writer: SqliteWriter, request: Request): Answer {
  switch (request.type) {
    case 'write': {
      const { outcomes, previous } = writer.write(request.operations, unpack(request.values), request.compactTo)
      const packed = pack(previous)
      return { result: { outcomes, previous: packed, compacted: writer.compacted, dirty: writer.dirty } satisfies WriteReply, transfer: [packed] }
    }
    case 'get': return { result: writer.get(request.key) }
    case 'list': {
      const { records, revision, remaining } = writer.list(request.prefix, request.after, request.limit, request.revision)
      const values = pack(records.map(({ value }) => value))
      const bare = records.map(({ key, revision: at, created }) => ({ key, revision: at, created }))
      return { result: { records: bare, values, revision, remaining } satisfies ListReply, transfer: [values] }
    }
    case 'changes': {
      const { changes, revision } = writer.changes(request.prefix, request.after)
      const [values, previous] = [pack(changes.map((change) => change.value)), pack(changes.map((change) => change.previous))]
      const bare = changes.map(({ type, key, revision: at }) => ({ type, key, revision: at }))
      return { result: { changes: bare, values, previous, revision } satisfies ChangesReply, transfer: [values, previous] }
    }
    case 'compact': writer.compact(request.revision); return { result: writer.compacted }
    case 'flush': writer.flush(); return { result: undefined }
    case 'close': writer.close(); return { result: undefined }
  }
}

function serve(): void {
  const database = openFile(options)
  const writer = new SqliteWriter(database)
  port.on('message', ({ id, request }: { id: number; request: Request }) => {
    try {
      const { result, transfer = [] } = answer(writer, request)
      port.postMessage({ id, result } satisfies Reply, transfer.map(({ bytes }) => bytes.buffer))
    } catch (error) {
      port.postMessage({ id, error: plain(error) } satisfies Reply)
    }
    if (request.type === 'close') {
      database.close()
      port.close()
    }
  })
  port.postMessage({ id: 0, result: writer.opened satisfies Opened } satisfies Reply)
}

const plain = (error: unknown) => {
  const { reason, message } = storeErrorOf(error, options.path)
  return { reason, message }
}

try {
  serve()
} catch (error) {
  port.postMessage({ id: 0, error: plain(error) } satisfies Reply)
  port.close()
}
