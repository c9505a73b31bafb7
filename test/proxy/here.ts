import { createExec } from '../../host/exec.ts'
import { namespacesUnavailable } from '../../host/testing/namespaces.ts'
import type { Environment } from './flow-cluster.ts'

/** This machine's kernel; SCTP is left to a machine whose kernel is known to have it. */
export const here: Environment = { exec: createExec(), families: ['ipv4', 'ipv6'], protocols: ['TCP', 'UDP'] }
export const unavailableHere = namespacesUnavailable()
