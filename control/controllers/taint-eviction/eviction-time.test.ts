import { expect, test } from 'vitest'
import { pod } from '../testing/objects.ts'
import { toleratedMs, tolerates } from './eviction-time.ts'

const taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }
const other = { key: 'other', value: 'x', effect: 'NoExecute' }
const exists = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }

test.each([
  ['goes at once without toleration', [], [taint], 0],
  ['stays for its toleration', [{ ...exists, tolerationSeconds: 300 }], [taint], 300_000],
  ['stays for ever with an unlimited one', [exists], [taint], undefined],
  ['stays for the shortest of those that apply', [{ ...exists, tolerationSeconds: 300 }, { operator: 'Exists', tolerationSeconds: 10 }], [taint], 10_000],
  ['goes when one taint is not tolerated', [exists], [taint, other], 0],
  ['goes with a negative limit', [{ ...exists, tolerationSeconds: -5 }], [taint], 0],
  ['is not held by a toleration of another taint', [{ ...exists, tolerationSeconds: 300 }, { key: 'x', operator: 'Exists', tolerationSeconds: 1 }], [taint], 300_000],
])('a pod %s', (_, tolerations, taints, expected) => expect(toleratedMs(pod('p', { spec: { tolerations } }), taints)).toBe(expected))

test.each([
  [{ key: 'other', value: 'x' }, true], [{ key: 'other', operator: 'Equal', value: 'y' }, false], [{ key: 'other', operator: 'Exists' }, true], [{ operator: 'Exists' }, true],
  [{ key: 'other', value: 'x', effect: 'NoSchedule' }, false], [{ value: 'x' }, true], [{ key: 'else', operator: 'Exists' }, false],
])('%j tolerates: %s', (toleration, expected) => expect(tolerates(toleration, other)).toBe(expected))
