import type { WebSocket } from 'ws'
import { internal } from '../../api/errors.ts'
import { acceptWebSocket } from '../../api/streams/accept-websocket.ts'
import { bridgeExec, execOverSpdy, execProtocol } from '../../api/streams/exec-channels.ts'
import type { WantedStreams } from '../../api/streams/exec-channels.ts'
import { bridgeForward, forwardProtocol } from '../../api/streams/forward-tunnel.ts'
import type { Upgraded } from '../../api/streams/upgraded.ts'
import type { ApiRequest, ApiResponse } from '../../api/transport.ts'
import type { Outcome } from './agent-connection.ts'

type Agreed = Outcome & { readonly kind: 'upgrade' }

/**
 * A v5 WebSocket joined with an agent that was asked for SPDY, which all of them speak. As in the original, this is done
 * whether or not the agent could have done it: there is one way, and it is tried every day.
 */
export async function translateExec(request: ApiRequest, client: Upgraded, far: Agreed, wanted: WantedStreams): Promise<ApiResponse> {
  const chosen = far.response.headers['x-stream-protocol-version'] ?? ''
  if (chosen !== execOverSpdy['x-stream-protocol-version']) {
    far.socket.destroy()
    throw internal(`unable to negotiate protocol: client supports [${execOverSpdy['x-stream-protocol-version']}], server accepted ${JSON.stringify(chosen)}`)
  }
  return accept(request, client, far, execProtocol, (socket) => bridgeExec(socket, far, wanted))
}

/** SPDY in the messages of a WebSocket joined with an agent that wants it bare. */
export const translateForward = (request: ApiRequest, client: Upgraded, far: Agreed): Promise<ApiResponse> =>
  accept(request, client, far, forwardProtocol, (socket) => bridgeForward(socket, far))

async function accept({ method, path, headers }: ApiRequest, client: Upgraded, far: Agreed, protocol: string, bridge: (client: WebSocket) => void): Promise<ApiResponse> {
  // Until there is somebody to listen an error would be nobody's.
  far.socket.on('error', () => far.socket.destroy())
  try {
    bridge(await acceptWebSocket({ method, url: path, headers }, client.socket, client.head, protocol))
  } catch {
    // The handshake was no good, and the client has been told, or it went away.
    far.socket.destroy()
  }
  return { status: 101, headers: {}, body: { kind: 'empty' } }
}
