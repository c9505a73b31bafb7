import { createHash, createPublicKey } from 'node:crypto'
import type { Client } from '../../api/client/client.ts'
import { isAlreadyExists } from '../../api/errors.ts'
import { certificateSigningRequests } from '../../api/kinds/certificates-v1/certificate-signing-request.ts'
import { signers } from '../../api/kinds/certificates-v1/signer-name.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.ts'
import type { Subject } from '../../control/pki/certificate.ts'

export interface CertificateOrder {
  readonly client: Client
  /** Private key, PEM. The same key with the same subject is the same request: asked twice it is answered once. */
  readonly key: string
  readonly nodeName: string
  /** `client`: as whom the node asks the API server. `serving`: what its own server shows, under these addresses. */
  readonly use: 'client' | { readonly serving: readonly string[] }
  readonly signal: AbortSignal
}

/** Who a node is, in its certificates. */
export const nodeSubject = (name: string): Subject => ({ commonName: `system:node:${name}`, organizations: ['system:nodes'] })

/**
 * Asks the cluster for a certificate over the key and waits until it is issued: as long as that takes, or until `signal`. Rejects with a
 * sentence when it is denied or fails.
 */
export async function requestCertificate(order: CertificateOrder): Promise<string> {
  const { client, signal } = order
  const csr = await draftOf(order)
  await client.create(certificateSigningRequests, csr, { signal }).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error
  })
  for (;;) {
    signal.throwIfAborted()
    // Begins with the request as it is now. The server ends watches after a while.
    for await (const event of client.watch(certificateSigningRequests, { fieldSelector: `metadata.name=${csr.metadata.name}`, signal })) {
      if (event.type === 'DELETED') throw new Error('somebody deleted the request')
      const answer = event.type === 'ADDED' || event.type === 'MODIFIED' ? answerTo(event.object) : undefined
      if (answer !== undefined) return answer
    }
  }
}

/** The certificate once it is there. Throws when there will be none. */
function answerTo({ status }: CertificateSigningRequest): string | undefined {
  const no = status?.conditions?.find(({ type, status }) => (type === 'Denied' || type === 'Failed') && status === 'True')
  if (no) throw new Error(`the certificate was ${no.type === 'Denied' ? 'denied' : 'not issued'}: ${no.message || no.reason || 'no reason was given'}`)
  return status?.certificate ? Buffer.from(status.certificate, 'base64').toString('utf8') : undefined
}

async function draftOf({ key, nodeName, use }: CertificateOrder) {
  const { createRequest } = await import('../../control/pki/certificate.ts')
  const serving = use === 'client' ? undefined : use.serving
  const subject = { ...nodeSubject(nodeName), ...(serving && { dnsNames: [nodeName], ips: serving }) }
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const digest = createHash('sha256').update(publicKey).update(JSON.stringify(subject)).digest('hex').slice(0, 16)
  return {
    metadata: { name: `node-csr-${digest}` },
    spec: {
      request: Buffer.from(await createRequest(key, subject)).toString('base64'),
      signerName: serving ? signers.kubeletServing : signers.kubeletClient,
      usages: ['digital signature', serving ? 'server auth' : 'client auth'],
    } as CertificateSigningRequest['spec'],
  }
}
