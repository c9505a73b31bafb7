import type { FieldError } from '../../errors.ts'
import { VolumeAttachment } from '../../types/storage-v1.ts'
import type { VolumeAttachmentSource, VolumeAttachmentStatus } from '../../types/storage-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { validateDriverName } from '../validation/csi.ts'
import { semanticEqual } from '../validation/equal.ts'
import { forbidden, immutableMessage, invalid, invalidFor, required, tooLong } from '../validation/field.ts'
import { dnsSubdomain } from '../validation/names.ts'
import { validateInlineVolumeSpec } from '../validation/persistent-volume.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const volumeAttachments: Kind<VolumeAttachment> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', resource: 'volumeattachments', singular: 'volumeattachment',
  namespaced: false, verbs: allVerbs, schema: VolumeAttachment, storage: 'volumeattachments', unconditionalUpdate: false,
  doc: 'The wish that a volume be attached to a node.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate },
  },
  prepareForCreate(attachment) { attachment.status = { attached: false } },
  prepareForUpdate: keepStatus,
  validate,
  validateUpdate,
  columns: [
    text('Attacher', ({ spec }) => spec.attacher, 'The driver that attaches it.'),
    text('PV', ({ spec }) => spec.source.persistentVolumeName ?? '', 'The volume.'),
    text('Node', ({ spec }) => spec.nodeName, 'The node.'),
    { name: 'Attached', type: 'boolean', description: 'Whether it is attached.', value: ({ status }) => status?.attached ?? false },
    age,
  ],
}

function validate({ spec, status }: VolumeAttachment): FieldError[] {
  const { attacher, source, nodeName } = spec
  return [
    ...(attacher ? [] : [required('spec.attacher')]),
    ...validateSource(source, 'spec.source'),
    ...invalidFor('spec.nodeName', nodeName, dnsSubdomain(nodeName)),
    ...(status ? validateStatus(status, 'status') : []),
    ...validateDriverName(attacher, 'spec.attacher'),
    ...(source.persistentVolumeName === undefined ? [] : invalidFor('spec.source.persistentVolumeName', source.persistentVolumeName, dnsSubdomain(source.persistentVolumeName))),
  ]
}

/** An attachment is for one volume and one node; it goes and a new one comes. */
function validateUpdate(attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  return [...validate(attachment), ...(semanticEqual(attachment.spec, old.spec) ? [] : [invalid('spec', attachment.spec, immutableMessage)])]
}

function validateSource({ inlineVolumeSpec: inline, persistentVolumeName: name }: VolumeAttachmentSource, field: string): FieldError[] {
  const oneOfBoth = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (inline && name !== undefined) return [forbidden(field, oneOfBoth)]
  if (inline) return validateInlineVolumeSpec(inline, `${field}.inlineVolumeSpec`)
  if (name === undefined) return [required(field, oneOfBoth)]
  return name ? [] : [required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName')]
}

const mostMetadata = 256 * 1024
const longestMessage = 1024

function validateStatus({ attachmentMetadata, attachError, detachError }: VolumeAttachmentStatus, field: string): FieldError[] {
  const size = Object.entries(attachmentMetadata ?? {}).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return [
    ...(size > mostMetadata ? [tooLong(`${field}.attachmentMetadata`, mostMetadata)] : []),
    ...Object.entries({ attachError, detachError }).flatMap(([name, error]) =>
      (Buffer.byteLength(error?.message ?? '') > longestMessage ? [tooLong(`${field}.${name}.message`, mostMetadata)] : [])),
  ]
}
