import { describe, expect, it, vi } from 'vitest'
import {
  BreakwaterError,
  BulkheadFullError,
  CallTimeoutError,
  CircuitOpenError,
  CircularWaitError,
  DeadlineExceededError,
  ERROR_CODES,
  FallbackFailedError,
  HedgeLostError,
  InvalidOptionsError,
  NoInstancesError,
  RateLimitedError,
  RegistryError,
  isBreakwaterError,
} from './errors.js'
import type { BreakwaterErrorOptions, ErrorCode } from './errors.js'

type ErrorClass = new (message: string, options?: BreakwaterErrorOptions) => BreakwaterError
interface Row {
  readonly type: ErrorClass
  readonly name: string
  readonly code: ErrorCode
  readonly status: number
  readonly stack: boolean
}

const rows: readonly Row[] = [
  { type: CircuitOpenError, name: 'CircuitOpenError', code: 'ERR_CIRCUIT_OPEN', status: 503, stack: false },
  { type: CallTimeoutError, name: 'CallTimeoutError', code: 'ERR_TIMEOUT', status: 504, stack: false },
  {
    type: DeadlineExceededError,
    name: 'DeadlineExceededError',
    code: 'ERR_DEADLINE_EXCEEDED',
    status: 504,
    stack: false,
  },
  {
    type: BulkheadFullError,
    name: 'BulkheadFullError',
    code: 'ERR_BULKHEAD_FULL',
    status: 503,
    stack: false,
  },
  { type: RateLimitedError, name: 'RateLimitedError', code: 'ERR_RATE_LIMITED', status: 503, stack: false },
  { type: HedgeLostError, name: 'HedgeLostError', code: 'ERR_HEDGE_LOST', status: 503, stack: false },
  { type: NoInstancesError, name: 'NoInstancesError', code: 'ERR_NO_INSTANCES', status: 503, stack: true },
  { type: RegistryError, name: 'RegistryError', code: 'ERR_REGISTRY', status: 502, stack: true },
  {
    type: FallbackFailedError,
    name: 'FallbackFailedError',
    code: 'ERR_FALLBACK_FAILED',
    status: 503,
    stack: true,
  },
  { type: CircularWaitError, name: 'CircularWaitError', code: 'ERR_CIRCULAR_WAIT', status: 500, stack: true },
  {
    type: InvalidOptionsError,
    name: 'InvalidOptionsError',
    code: 'ERR_INVALID_OPTIONS',
    status: 500,
    stack: true,
  },
]

const hasFrames = (error: Error): boolean => (error.stack ?? '').includes('\n    at ')

describe.each(rows)('$name', ({ type, name, code, status, stack }) => {
  it('carries its name, code, status and hides its message from clients', () => {
    const error = new type('users: refused')

    expect(error).toMatchObject({
      name,
      code,
      status,
      statusCode: status,
      expose: false,
      message: 'users: refused',
    })
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe(`${name}: users: refused`)
    expect(ERROR_CODES[code].status).toBe(status)
  })

  it('is an instance of its own class and of the base only', () => {
    const error = new type('refused')

    const classes = rows.filter((row) => error instanceof row.type).map((row) => row.name)
    expect(classes).toEqual([name])
    expect(error instanceof BreakwaterError).toBe(true)
  })

  it('captures a stack by default only where it helps, and always as told', () => {
    expect(hasFrames(new type('x'))).toBe(stack)
    expect(hasFrames(new type('x', { stack: true }))).toBe(true)
    expect(hasFrames(new type('x', { stack: false }))).toBe(false)
  })

  it('has a cause only when one is given, even an undefined one', () => {
    const cause = new TypeError('reset')

    expect(new type('x', { cause }).cause).toBe(cause)
    expect('cause' in new type('x', { cause: undefined })).toBe(true)
    expect('cause' in new type('x', {})).toBe(false)
  })
})

describe('the codes', () => {
  it.each(Object.entries(ERROR_CODES))(
    '%s has a meaning and an advice, in whole sentences',
    (code, { meaning, whatToDo }) => {
      expect(code).toMatch(/^ERR_[A-Z_]+$/)
      expect(meaning).toMatch(/^[A-Z].{20,}\.$/)
      expect(whatToDo).toMatch(/^[A-Z].{20,}\.$/)
    },
  )
})

describe('errors with more to say', () => {
  it('turns into JSON with the reason of a bulkhead and the error of a fallback', () => {
    expect(new BulkheadFullError('x', { reason: 'queue_timeout' }).toJSON().reason).toBe('queue_timeout')
    expect(new BulkheadFullError('x').reason).toBe('concurrency')

    const failed = new FallbackFailedError('x', {
      cause: new Error('call'),
      fallbackError: new RangeError('fallback'),
    })
    expect(failed.fallbackError).toBeInstanceOf(RangeError)
    expect(failed.toJSON()).toMatchObject({
      cause: { name: 'Error', message: 'call' },
      fallbackError: { name: 'RangeError', message: 'fallback' },
    })
  })
})

describe('two copies of the library in one process', () => {
  it('agree on instanceof and isBreakwaterError', async () => {
    vi.resetModules()
    const copy = await import('./errors.js')
    const theirs = new copy.CircuitOpenError('x')

    expect(copy.CircuitOpenError).not.toBe(CircuitOpenError)
    expect(theirs instanceof CircuitOpenError).toBe(true)
    expect(theirs instanceof BreakwaterError).toBe(true)
    expect(theirs instanceof BulkheadFullError).toBe(false)
    expect(isBreakwaterError(theirs)).toBe(true)
    expect(new CallTimeoutError('x') instanceof copy.CallTimeoutError).toBe(true)
    expect(new copy.RegistryError('x', { code: 'ERR_REGISTRY_BODY' }) instanceof RegistryError).toBe(true)
  })
})
