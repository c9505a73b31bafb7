import { dump } from 'js-yaml'
import type { KeyPair } from './certificate.ts'

export interface KubeconfigOptions {
  /** `https://10.0.0.1:6443` */
  readonly server: string
  /** The authority's certificate, PEM. */
  readonly ca: string
  /** A client certificate, or a bearer token. */
  readonly credentials: KeyPair | { readonly token: string }
  readonly cluster?: string
  readonly user?: string
  readonly namespace?: string
}

/** A kubeconfig that carries everything within itself. */
export function kubeconfig({ server, ca, credentials, cluster = 'k8ts', user = 'kubernetes-admin', namespace }: KubeconfigOptions): string {
  const context = `${user}@${cluster}`
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    contexts: [{ name: context, context: { cluster, user, ...(namespace && { namespace }) } }],
    'current-context': context,
    users: [{
      name: user,
      user: 'token' in credentials ? credentials
        : { 'client-certificate-data': base64(credentials.certificate), 'client-key-data': base64(credentials.key) },
    }],
  }, { lineWidth: -1 })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
