import type { RateLimiter } from '@breakwater/breaker'
import type { FallbackCause } from '@breakwater/kernel'
import type { AttemptFailedError } from './engine/attempt-failed-error.js'
import type { CallSettings } from './engine/call-settings.js'
import type { AnswerHead, RequestShape } from './engine/request-options.js'
import type { ServiceOptions } from './engine/service-options.js'
import type { HttpClient } from './http-client.js'
import type { Dispatcher, TlsOptions } from './index.js'
import { expectTypeOf, test } from 'vitest'

declare const client: HttpClient

test('functions in settings of some requests know their parameters, as those of a service do', () => {
  client.with({
    classify: (answer) => {
      expectTypeOf(answer).toEqualTypeOf<AnswerHead>()
      return 'ignored'
    },
    fallback: (cause, request) => {
      expectTypeOf(cause).toEqualTypeOf<FallbackCause>()
      expectTypeOf(request).toEqualTypeOf<RequestShape>()
      return { status: 204 }
    },
    retry: {
      retryIf: (error) => {
        expectTypeOf(error).toEqualTypeOf<AttemptFailedError>()
        return error.answered === 503
      },
    },
  })
})

test('what is switched off is false, and what is the state of a service can be said of the service alone', () => {
  expectTypeOf<false>().toExtend<CallSettings['retry'] & CallSettings['hedge'] & CallSettings['fallback']>()
  expectTypeOf<false>().toExtend<CallSettings['maxBodyBytes'] & CallSettings['bodyTimeoutMs']>()
  expectTypeOf<RateLimiter>().toExtend<ServiceOptions['rate']>()
  expectTypeOf<CallSettings>().not.toHaveProperty('rate')
  expectTypeOf<CallSettings>().not.toHaveProperty('breaker')
  expectTypeOf<CallSettings>().not.toHaveProperty('bulkhead')
  expectTypeOf<Exclude<CallSettings['retry'], false | undefined>>().not.toHaveProperty('budget')
  expectTypeOf<Exclude<CallSettings['hedge'], false | undefined>>().not.toHaveProperty('budget')
})

test('undefined stands for the default, in options of TLS too', () => {
  expectTypeOf<{ passphrase: string | undefined; minVersion: undefined }>().toExtend<TlsOptions>()
})

test('with settings or without, fetch is that of the platform', () => {
  expectTypeOf(client.fetch).toEqualTypeOf<typeof fetch>()
  expectTypeOf(client.with({ endsWith: 'headers' }).fetch).toEqualTypeOf<typeof fetch>()
})

test('what comes from undici has a name here, by which it can be exported beside another undici', () => {
  expectTypeOf(client.dispatcher).toEqualTypeOf<Dispatcher>()
  expectTypeOf(client.request('http://users/')).resolves.toEqualTypeOf<Dispatcher.ResponseData<null>>()
})
