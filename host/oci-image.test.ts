import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createExec } from './exec.ts'
import { parseMountInfo } from './mounts.ts'
import { buildImage } from './oci-image.ts'
import { pauseImage } from './pause-image.ts'
import { tar } from './tar.ts'

const exec = createExec()

async function listing(archive: Buffer, ...args: string[]): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'k8ts-tar-'))
  try {
    await writeFile(join(directory, 'a.tar'), archive)
    return (await exec.run('tar', ['-f', join(directory, 'a.tar'), ...args])).stdout.split('\n').filter(Boolean)
  } finally {
    await rm(directory, { recursive: true })
  }
}

test('tar reads what is written', async () => {
  const long = `${'d/'.repeat(60)}${'f'.repeat(90)}`
  const entries = [{ path: 'bin', directory: true as const }, { path: 'bin/sh', data: Buffer.from('#!'), mode: 0o755 }, { path: 'bin/ash', link: 'sh' }, { path: long, data: Buffer.from('x'.repeat(513)) }]
  const lines = await listing(tar(entries), '-tv', '--numeric-owner')
  expect(lines.map((line) => line.replace(/\s+/g, ' ').replace(/ 1970-01-01 \S+/, ''))).toEqual(['drwxr-xr-x 0/0 0 bin/', '-rwxr-xr-x 0/0 2 bin/sh', 'lrwxr-xr-x 0/0 0 bin/ash -> sh', `-rw-r--r-- 0/0 513 ${long}`])
  expect(await listing(tar(entries), '-x', '-O', 'bin/sh')).toEqual(['#!'])
  expect(() => tar([{ path: 'x'.repeat(300) }])).toThrow('too long')
})

test('an image names its blobs by their digests, and equal input gives equal bytes', async () => {
  const source = { name: 'docker.io/library/web:1', architecture: 'amd64', files: [{ path: 'hi', data: Buffer.from('hi') }], config: { Cmd: ['/hi'] } }
  const image = buildImage(source)
  expect(buildImage(source).equals(image)).toBe(true)
  const index = JSON.parse((await listing(image, '-x', '-O', 'index.json'))[0]!) as { manifests: { digest: string; annotations: Record<string, string> }[] }
  expect(index.manifests[0]!.annotations['io.containerd.image.name']).toBe('docker.io/library/web:1')
  for (const name of (await listing(image, '-t')).filter((path) => /sha256\/./.test(path))) {
    expect(name).toMatch(/^blobs\/sha256\/[0-9a-f]{64}$/)
  }
  const manifest = (await listing(image, '-x', '-O', `blobs/sha256/${index.manifests[0]!.digest.slice(7)}`))[0]!
  expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(index.manifests[0]!.digest)
})

test('the pause program ends on TERM and sleeps otherwise', async (context) => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return context.skip('needs an x86-64 Linux')
  const directory = await mkdtemp(join(tmpdir(), 'k8ts-pause-'))
  try {
    await writeFile(join(directory, 'image.tar'), pauseImage('pause:1'))
    const script = 'tar xf image.tar && for b in blobs/sha256/*; do tar xf $b pause 2>/dev/null; done; test -x pause'
    await exec.run('sh', ['-c', script], { cwd: directory })
    const program = await exec.spawn(join(directory, 'pause'))
    expect(await Promise.race([program.exited.then(() => 'ended'), new Promise((resolve) => setTimeout(resolve, 100, 'sleeps'))])).toBe('sleeps')
    program.kill('SIGTERM')
    expect(await program.exited).toEqual({ code: 0, signal: undefined })
  } finally {
    await rm(directory, { recursive: true })
  }
})

test.each(['amd64', 'arm64'])('there is a pause program for %s', (architecture) => { expect(pauseImage('pause:1', architecture).length).toBeGreaterThan(1000) })
test('and none for what is unknown', () => { expect(() => pauseImage('pause:1', 'mips')).toThrow('Cannot build a pause image for mips: only amd64 and arm64 are known') })

test('the mount table is read with its odd characters', () => {
  expect(parseMountInfo('36 35 98:0 /mnt /a\\040b rw,noatime shared:1 - ext4 /dev/root rw\n37 36 0:1 / /c rw - tmpfs none rw\n')).toEqual([{ path: '/a b', type: 'ext4', shared: true }, { path: '/c', type: 'tmpfs', shared: false }])
})
