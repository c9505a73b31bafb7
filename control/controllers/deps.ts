import type { KeyObject } from 'node:crypto'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import type { Informers } from '../../api/client/informers.ts'
import type { Recorder } from '../../api/client/recorder.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import type { UserInfo } from '../../api/transport.ts'
import type { Clock } from '../../host/clock.ts'
import type { CertificateSigner } from '../pki/certificate-signer.ts'

/** What every controller is handed. */
export interface ControllerDeps {
  readonly client: Client
  /** Clients that ask as somebody else. With it every controller works under an account of its own (`identities.ts`), and `client` is not used. */
  readonly clientFor?: (user: UserInfo) => Client
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Logger
  /** Ends all controllers. */
  readonly signal: AbortSignal
  /** Makes the recorder of one component: `deployment-controller`. */
  readonly recorder: (component: string) => Recorder
  readonly metrics?: Registry | undefined
  readonly options?: ControllerOptions
}

/** The settings of `kube-controller-manager` that we have, under its names; what is absent has the original's default. */
export interface ControllerOptions {
  /** Pod networks to share out among the nodes, at most one a family. Default `10.244.0.0/16`. */
  readonly clusterCIDRs?: readonly string[]
  /** Prefix length of a node's share. Default 24 (IPv4), 64 (IPv6). */
  readonly nodeCIDRMaskSizes?: { readonly IPv4?: number; readonly IPv6?: number }
  /** The addresses of the Service `kube-dns` whose endpoints are the nodes that answer DNS. Absent: the cluster has no DNS of ours. */
  readonly dnsAddresses?: readonly string[]
  /** PEM text published as `kube-root-ca.crt`. Absent: nothing is published. */
  readonly rootCA?: string
  /** Signs the long-lived tokens of service accounts (`--service-account-private-key-file`). Absent: there are none. */
  readonly serviceAccountKey?: KeyObject
  /** Further keys by which such tokens are good: those of before, while keys are changed. */
  readonly serviceAccountKeys?: readonly KeyObject[]
  /** Service accounts get no Secret with a token by themselves, as in Kubernetes since 1.24. Default false: they get one, as older clients expect. */
  readonly legacyServiceAccountTokenNoAutoGeneration?: boolean
  /** Issues certificates for approved requests of these signers (`--cluster-signing-cert-file`). Absent: nobody does. */
  readonly certificateSigner?: CertificateSigner
  /** How long a node may be silent. Default 50 s. */
  readonly nodeMonitorGracePeriodMs?: number
  /** The same before it was ever ready. Default 60 s. */
  readonly nodeStartupGracePeriodMs?: number
  /** How many finished pods may stay. Default 12500. */
  readonly terminatedPodThreshold?: number
  /** Every kind of the cluster, for garbage collection and namespace deletion. Default: the built-in ones. */
  readonly kinds?: readonly Kind[]
}

/** A running controller. */
export interface RunningController {
  stop(): Promise<void>
}

export type StartController = (deps: ControllerDeps) => RunningController
