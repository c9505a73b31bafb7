import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tar, type TarEntry } from './tar.ts'

/** What an image holds and how it is run. */
export interface ImageSource {
  /** The full reference under which the runtime will know it: `docker.io/library/web:1`. */
  readonly name: string
  /** The root file system, in order; parents before children. */
  readonly files: readonly TarEntry[]
  readonly config?: ImageConfig
  /** Go's word: `amd64`, `arm64`. Default: this machine's. */
  readonly architecture?: string
}

/** The `config` of an OCI image, in the specification's spelling. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly StopSignal?: string
  readonly Labels?: Readonly<Record<string, string>>
}

/**
 * An image of one layer as an OCI layout in a tar archive, for `ctr -n k8s.io images import`. Made without a registry,
 * a builder or a daemon; equal input gives equal digests.
 */
export function buildImage(source: ImageSource): Buffer {
  const layer = blob(tar(source.files), 'application/vnd.oci.image.layer.v1.tar')
  const config = jsonBlob({
    architecture: source.architecture ?? goArchitecture(process.arch),
    os: 'linux',
    config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ...source.config },
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'k8ts' }],
  }, 'application/vnd.oci.image.config.v1+json')
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: config.descriptor,
    layers: [layer.descriptor],
  }, 'application/vnd.oci.image.manifest.v1+json')
  const index = {
    schemaVersion: 2,
    manifests: [{ ...manifest.descriptor, annotations: { 'io.containerd.image.name': source.name, 'org.opencontainers.image.ref.name': source.name.slice(source.name.lastIndexOf(':') + 1) } }],
  }
  return tar([
    { path: 'oci-layout', data: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { path: 'index.json', data: Buffer.from(JSON.stringify(index)) },
    { path: 'blobs', directory: true },
    { path: 'blobs/sha256', directory: true },
    ...[layer, config, manifest].map(({ descriptor, data }) => ({ path: `blobs/sha256/${descriptor.digest.slice(7)}`, data })),
  ])
}

/** Node's `process.arch` in Go's word. */
export const goArchitecture = (arch: string): string => ({ x64: 'amd64', ia32: '386' })[arch] ?? arch

/**
 * The files of a root file system around a static busybox: the binary, a link for each applet, and the few files and
 * directories programs expect.
 */
export async function busyboxFiles(binary: string, applets: readonly string[]): Promise<TarEntry[]> {
  const directories = ['bin', 'etc', 'root', 'tmp', 'var', 'var/run', 'www']
  return [
    ...directories.map((path) => ({ path, directory: true as const, mode: path === 'tmp' ? 0o1777 : 0o755 })),
    { path: 'bin/busybox', data: await readFile(binary), mode: 0o755 },
    ...applets.map((applet) => ({ path: `bin/${applet}`, link: 'busybox' })),
    { path: 'etc/passwd', data: Buffer.from('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n') },
    { path: 'etc/group', data: Buffer.from('root:x:0:\nnobody:x:65534:\n') },
  ]
}

const blob = (data: Buffer, mediaType: string) => ({
  data, descriptor: { mediaType, digest: `sha256:${createHash('sha256').update(data).digest('hex')}`, size: data.length },
})
const jsonBlob = (value: unknown, mediaType: string) => blob(Buffer.from(JSON.stringify(value)), mediaType)
