import { buildImage, goArchitecture } from './oci-image.ts'

/**
 * The image of a pod's sandbox: one program, written out below machine word by machine word, because a user's machine
 * has neither a registry to pull the original from nor a compiler. As process 1 of the sandbox it must do three things:
 * end on TERM and INT (process 1 has no default handlers), let the kernel reap orphans of a shared process namespace
 * (SIGCHLD ignored), and otherwise sleep for ever.
 */
export function pauseImage(name: string, architecture = goArchitecture(process.arch)): Buffer {
  const program = programs[architecture]
  if (!program) throw new Error(`Cannot build a pause image for ${architecture}: only ${Object.keys(programs).join(' and ')} are known`)
  return buildImage({ name, architecture, files: [{ path: 'pause', data: program(), mode: 0o755 }], config: { Entrypoint: ['/pause'] } })
}

const base = 0x400000
/** Behind the ELF header (64 bytes) and one program header (56). */
const codeAt = 120
const signals = { TERM: 15, INT: 2, CHLD: 17 }

/** A static ELF of one segment: headers, code, then two `struct sigaction` (handler, flags, restorer, mask: 8 bytes each). */
function elf(machine: number, code: Buffer, exitOffset: number): Buffer {
  const header = Buffer.alloc(codeAt)
  const actionsAt = align(codeAt + code.length)
  const size = actionsAt + 64
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1') // 64 bit, little endian, version 1
  header.writeUInt16LE(2, 16) // executable
  header.writeUInt16LE(machine, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(BigInt(base + codeAt), 24) // entry
  header.writeBigUInt64LE(64n, 32) // where the program headers are
  header.writeUInt16LE(64, 52) // size of this header
  header.writeUInt16LE(56, 54) // size of a program header
  header.writeUInt16LE(1, 56) // one of them
  header.writeUInt32LE(1, 64) // PT_LOAD
  header.writeUInt32LE(5, 68) // read, execute
  header.writeBigUInt64LE(BigInt(base), 80)
  header.writeBigUInt64LE(BigInt(base), 88)
  header.writeBigUInt64LE(BigInt(size), 96)
  header.writeBigUInt64LE(BigInt(size), 104)
  header.writeBigUInt64LE(0x1000n, 112)
  const actions = Buffer.alloc(64)
  const exit = BigInt(base + codeAt + exitOffset)
  actions.writeBigUInt64LE(exit, 0)
  actions.writeBigUInt64LE(0x04000000n, 8) // SA_RESTORER: x86 delivers no signal without one
  actions.writeBigUInt64LE(exit, 16)
  actions.writeBigUInt64LE(1n, 32) // SIG_IGN
  return Buffer.concat([header, code, Buffer.alloc(actionsAt - codeAt - code.length), actions])
}

const align = (offset: number): number => Math.ceil(offset / 8) * 8

function amd64(): Buffer {
  const word = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]
  const sigaction = (signal: number, action: number): number[] => [
    0xbf, ...word(signal), // mov edi, signal
    0xbe, ...word(action), // mov esi, action
    0x31, 0xd2, // xor edx, edx: no old action
    0x41, 0xba, ...word(8), // mov r10d, 8: bytes of the mask
    0xb8, ...word(13), // mov eax, rt_sigaction
    0x0f, 0x05, // syscall
  ]
  const sleep = [
    0xb8, ...word(34), // mov eax, pause
    0x0f, 0x05, // syscall
    0xeb, 0xf7, // jmp -9
  ]
  const exit = [
    0x31, 0xff, // xor edi, edi
    0xb8, ...word(231), // mov eax, exit_group
    0x0f, 0x05, // syscall
  ]
  const exitOffset = 3 * sigaction(0, 0).length + sleep.length
  const actions = base + align(codeAt + exitOffset + exit.length)
  const code = [...sigaction(signals.TERM, actions), ...sigaction(signals.INT, actions), ...sigaction(signals.CHLD, actions + 32), ...sleep, ...exit]
  return elf(62, Buffer.from(code), exitOffset)
}

function arm64(): Buffer {
  const set = (register: number, value: number): number[] => [
    (0xd2800000 | ((value & 0xffff) << 5) | register) >>> 0, // movz
    (0xf2a00000 | ((value >>> 16) << 5) | register) >>> 0, // movk, lsl 16
  ]
  const system = (call: number, ...args: number[]): number[] => [...args.flatMap((value, register) => set(register, value)), ...set(8, call), 0xd4000001]
  const sleep = system(73, 0, 0, 0, 0, 0) // ppoll of nothing, without a timeout: arm64 has no pause
  const exit = system(94, 0) // exit_group
  const sigaction = (signal: number, action: number): number[] => system(134, signal, action, 0, 8)
  const exitOffset = 4 * (3 * sigaction(0, 0).length + sleep.length + 1)
  const actions = base + align(codeAt + exitOffset + 4 * exit.length)
  const words = [
    ...sigaction(signals.TERM, actions), ...sigaction(signals.INT, actions), ...sigaction(signals.CHLD, actions + 32),
    ...sleep, (0x14000000 | (-sleep.length & 0x3ffffff)) >>> 0, // b back to the sleep
    ...exit,
  ]
  const code = Buffer.alloc(4 * words.length)
  words.forEach((value, index) => code.writeUInt32LE(value, 4 * index))
  return elf(183, code, exitOffset)
}

const programs: Readonly<Record<string, () => Buffer>> = { amd64, arm64 }
