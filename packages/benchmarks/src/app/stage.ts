// Contenders on stage: each with an app and a receiver of its own. Several may wait while one at a time is told to work, so
// that rounds interleave without starting every process again.

import type { Contender } from '../contenders.ts'
import { DelayingProxy } from '../receiver/delaying-proxy.ts'
import { Receiver } from '../receiver/receiver-process.ts'
import type { ShapeName } from '../shapes.ts'
import { App } from './app-process.ts'

export interface Actor {
  contender: Contender
  app: App
  receiver: Receiver
}

export interface StageOptions {
  /** Lines a second, and for how long, that nobody counts. */
  warm: { perSecond: number; millis: number }
  /** Of the network between app and receiver. @default 0: no proxy in between */
  roundTripMillis?: number
  shape?: ShapeName | undefined
  execArgv?: readonly string[] | undefined
}

/** Starts the contender, warms it up, lets `act` measure, and ends it. */
export async function withActor<T>(
  contender: Contender,
  options: StageOptions,
  act: (actor: Actor) => Promise<T>,
): Promise<T> {
  return withActors([contender], options, ([actor]) => act(actor!))
}

/** The same for several, which start together, warm up one after the other, and are then on stage together. */
export async function withActors<T>(
  contenders: readonly Contender[],
  options: StageOptions,
  act: (actors: readonly Actor[]) => Promise<T>,
): Promise<T> {
  const { perSecond, millis } = options.warm
  const started: { end(): Promise<void> }[] = []
  const begun = contenders.map(async (contender) => {
    const keep = <E extends { end(): Promise<void> }>(thing: E): E => (started.push(thing), thing)
    return startActor(contender, options, keep)
  })
  try {
    const actors = await Promise.all(begun)
    for (const { app } of actors) await app.warm(perSecond, millis)
    return await act(actors)
  } finally {
    await Promise.allSettled(begun)
    await Promise.all(started.map((each) => each.end()))
  }
}

async function startActor(
  contender: Contender,
  { roundTripMillis = 0, shape, execArgv }: StageOptions,
  keep: <E extends { end(): Promise<void> }>(thing: E) => E,
): Promise<Actor> {
  const receiver = keep(await Receiver.start())
  const isFar = roundTripMillis > 0
  const { endpoint } = isFar ? keep(await DelayingProxy.start(receiver.port, roundTripMillis)) : receiver
  const app = keep(await App.start(contender, { receiver, endpoint, shape, execArgv }))
  return { contender, app, receiver }
}
