// Ways to send a request: undici as it is, Breakwater in each of its forms, and peers put around undici as their documentation shows.

import { StaticSource } from '@breakwater/discovery-client'
import { createHttpClient } from '@breakwater/http'
import type { HttpClient } from '@breakwater/http'
import { Agent, BalancedPool, fetch, request } from 'undici'
import type { Dispatcher } from 'undici'
import type { HttpSetting } from '../group.ts'
import { loadLibrary } from './index.ts'

/** Sends one request and reads its answer. */
export type Send = () => Promise<unknown>

type Origins = readonly string[]

type Make = (setting: HttpSetting, origins: Origins) => Send | Promise<Send>

const SERVICE = 'http://users/42'

/** undici alone; several origins take turns. */
export function bareSender({ bare, connections }: HttpSetting, origins: Origins): Send {
  const dispatcher = new Agent({ connections })
  const urls = origins.map((origin) => `${origin}/42`)
  const send = bare === 'fetch' ? fetching : requesting
  let turn = 0
  return () => send(urls[turn++ % urls.length] ?? '', dispatcher)
}

const SENDERS: Readonly<Record<string, Make>> = {
  'breakwater request': (setting, origins) => {
    const { request: send } = clientOf(setting)
    const url = urlOf(origins)
    return async () => (await send(url)).body.text()
  },
  'breakwater fetch': (setting, origins) => {
    const { fetch: send } = clientOf(setting)
    const url = urlOf(origins)
    return async () => (await send(url)).text()
  },
  'breakwater interceptor': (setting, origins) => {
    const agent = intercepted(setting)
    const url = urlOf(origins)
    return () => requesting(url, agent)
  },
  'breakwater interceptor, fetch': (setting, origins) => {
    const agent = intercepted(setting)
    const url = urlOf(origins)
    return () => fetching(url, agent)
  },
  'breakwater service': (setting, origins) => {
    const { request: send } = clientOf(setting, origins)
    return async () => (await send(SERVICE)).body.text()
  },
  'breakwater interceptor, service': (setting, origins) => {
    const agent = intercepted(setting, origins)
    return () => requesting(SERVICE, agent)
  },
  'undici fetch': ({ connections }, origins) => {
    const agent = new Agent({ connections })
    const url = urlOf(origins)
    return () => fetching(url, agent)
  },
  'undici itself': ({ connections }, origins) => {
    const agent = new Agent({ connections })
    const url = urlOf(origins)
    return () => requesting(url, agent)
  },
  'undici, empty interceptor': ({ connections }, origins) => {
    const agent = new Agent({ connections }).compose(
      (dispatch) => (options, handler) => dispatch(options, handler),
    )
    const url = urlOf(origins)
    return () => requesting(url, agent)
  },
  'undici BalancedPool': ({ connections }, origins) => {
    const pool = new BalancedPool([...origins], { connections })
    // The host is that of any of them: the pool chooses.
    const url = urlOf(origins)
    return () => requesting(url, pool)
  },
}

/** A way to send by the name that tables use; libraries without one of their own are put around undici. */
export async function senderOf(name: string, setting: HttpSetting, origins: Origins): Promise<Send> {
  if (name.startsWith('breakwater')) await (await loadLibrary('breakwater')).warm?.()
  const make = SENDERS[name]
  if (make !== undefined) return make(setting, origins)
  const library = await loadLibrary(name)
  const work = bareSender(setting, origins)
  const subject = library.adapter({ policies: 'five', mode: 'closed', work, key: 'http' })
  if (subject === undefined) throw new Error('cannot do this')
  return subject.call as Send
}

/** All policies: those that a client has anyway, and a fallback. */
function clientOf({ connections }: HttpSetting, origins?: Origins): HttpClient {
  return createHttpClient({
    connections,
    fallback: () => ({ status: 503 }),
    ...(origins === undefined ? {} : { source: new StaticSource({ users: [...origins] }) }),
  })
}

function intercepted(setting: HttpSetting, origins?: Origins): Dispatcher {
  const { connections } = setting
  return new Agent({ connections }).compose(clientOf(setting, origins).interceptor())
}

async function requesting(url: string, dispatcher: Dispatcher): Promise<string> {
  return (await request(url, { dispatcher })).body.text()
}

async function fetching(url: string, dispatcher: Dispatcher): Promise<string> {
  return (await fetch(url, { dispatcher })).text()
}

function urlOf(origins: Origins): string {
  return `${origins[0] ?? ''}/42`
}
