import { IPAddress } from '../../types/networking-v1/ip-address.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const ipAddresses: Kind<IPAddress> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', resource: 'ipaddresses', singular: 'ipaddress', shortNames: ['ip'],
  namespaced: false, verbs: allVerbs, schema: IPAddress, storage: 'ipaddresses',
  doc: 'One address and the object that holds it.',
  validate: () => [],
  columns: [age],
}
