import { describe, expect, test } from 'vitest'
import { attribute, attributes, decodeMessages, encodeMessage, macBytes, macText, number, text, u8 } from './message.ts'

describe('the bytes of rtnetlink', () => {
  test('a message there and back, padded attributes and nests within', () => {
    const body = Buffer.concat([attribute(3, 'eth0'), attribute(4, 1400), attribute(18, [attribute(1, 'veth'), attribute(2, u8(1))])])
    const [message] = decodeMessages(encodeMessage(16, 5, 7, body))
    expect(message).toMatchObject({ type: 16, flags: 5, sequence: 7 })
    const found = attributes(message!.body)
    expect([text(found.get(3)), number(found.get(4))]).toEqual(['eth0', 1400])
    const nested = attributes(found.get(18)!)
    expect([text(nested.get(1)), number(nested.get(2))]).toEqual(['veth', 1])
  })
  test('several messages in one datagram', () => {
    const both = Buffer.concat([encodeMessage(1, 0, 1, Buffer.alloc(4)), encodeMessage(2, 0, 2, Buffer.alloc(8))])
    expect(decodeMessages(both).map(message => [message.type, message.body.length])).toEqual([[1, 4], [2, 8]])
  })
  test.each([
    ['empty', Buffer.alloc(0)],
    ['shorter than a header', Buffer.alloc(15)],
    ['of length zero', Buffer.alloc(32)],
    ['longer than it is', encodeMessage(1, 0, 1, Buffer.alloc(64)).subarray(0, 40)],
  ])('a datagram that is %s ends the reading', (_, bytes) => expect(decodeMessages(bytes)).toEqual([]))
  test.each([
    ['of length zero', Buffer.alloc(8)],
    ['longer than it is', Buffer.from([200, 0, 1, 0, 1, 2, 3, 4])],
    ['cut off', Buffer.from([8, 0])],
  ])('an attribute that is %s ends the reading', (_, bytes) => expect(attributes(bytes).size).toBe(0))
  test('MAC addresses', () => {
    expect(macText(macBytes('0a:58:0A:f4:01:02'))).toBe('0a:58:0a:f4:01:02')
    expect(macText(Buffer.alloc(16))).toBeUndefined()
    for (const wrong of ['', '0a:58', '0a:58:0a:f4:01:0g', '0a-58-0a-f4-01-02']) expect(() => macBytes(wrong)).toThrow(TypeError)
  })
})
