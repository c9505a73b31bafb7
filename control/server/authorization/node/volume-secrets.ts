import type { PersistentVolume } from '../../../../api/types/core-v1/persistent-volume.ts'

/** The secrets (`namespace/name`) that a node needs to mount a bound volume; those that only the control plane needs are not among them. */
export function volumeSecrets({ spec }: PersistentVolume): string[] {
  const home = spec.claimRef?.namespace
  if (!home) return []
  const { azureFile, csi, cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos } = spec
  const references = [
    ...[cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos].map((source) => source?.secretRef),
    csi?.nodeStageSecretRef, csi?.nodePublishSecretRef, csi?.nodeExpandSecretRef,
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
  ]
  return references.flatMap((reference) => (reference?.name ? [`${reference.namespace || home}/${reference.name}`] : []))
}
