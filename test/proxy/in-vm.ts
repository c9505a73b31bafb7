import { afterAll } from 'vitest'
import { bootTestVm, vmUnavailable } from '../lab/vm/boot.ts'
import type { Exec } from '../../host/exec.ts'
import type { Environment } from './flow-cluster.ts'

const refusing: Exec = { run: () => Promise.reject(new Error('There is no virtual machine')), spawn: () => Promise.reject(new Error('There is no virtual machine')) }

/** For tests that are not run. */
export const notBooted: Environment = { exec: refusing, families: ['ipv4', 'ipv6'], protocols: ['TCP', 'UDP', 'SCTP'], retry: 1 }

/** A virtual machine of this test file's own, whose kernel has all three protocols. */
export async function bootEnvironment(): Promise<{ readonly environment: Environment; readonly unavailable: string | undefined }> {
  const unavailable = await vmUnavailable()
  const vm = unavailable ? undefined : await bootTestVm()
  afterAll(() => vm?.close())
  await vm?.sh('modprobe sctp')
  return { unavailable, environment: { ...notBooted, exec: vm?.exec ?? refusing } }
}
