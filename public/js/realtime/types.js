// The shapes that the modules of this folder share. There is no code here.

/**
 * The routes of the broker that a session needs; `../api.js` has them all.
 *
 * @typedef {object} BrokerAPI
 * @property {() => Promise<{upstream: {kind: string}}>} health
 * @property {(request: object) => Promise<MintedSession>} startSession
 * @property {(id: string) => Promise<MintedSession>} renewSession
 * @property {(id: string) => Promise<StoredSession>} getSession
 * @property {(id: string, options?: {isLeaving?: boolean}) => Promise<unknown>} endSession
 * @property {(id: string, offer: string) => Promise<string>} makeCall the offer's answer
 * @property {(id: string, callID: string) => Promise<unknown>} followCall
 * @property {(conversationID: string, page: object) => Promise<MessagePage>} listMessages
 * @property {(conversationID: string, message: object) => Promise<unknown>} storeMessage
 */

/** @typedef {{data: {item_id: string|null}[], last_id: string, has_more: boolean}} MessagePage */

/**
 * @typedef {object} StoredSession
 * @property {string} id
 * @property {'created'|'active'|'ended'} status
 * @property {string|null} end_reason
 * @property {string} conversation_id
 * @property {'webrtc'|'websocket'} transport
 * @property {string} model
 * @property {string|null} voice
 * @property {string} url
 * @property {{tokens: number, messages: number, summaries: number}} context
 * @property {number|null} max_duration_seconds null where there is no limit
 */

/** @typedef {StoredSession & {client_secret: {value: string, expires_at: number}}} MintedSession */

/**
 * What a session is started with. Fields that are not named here go to `POST /api/session` as they
 * are: `voice`, `instructions`, `greeting`, `agent_id`, `conversation_id`, `tools`, …
 *
 * @typedef {object} StartOptions
 * @property {'auto'|'webrtc'|'websocket'} [transport] `auto`: WebRTC, and the relay where that is
 * blocked
 * @property {'server_vad'|'semantic_vad'|'push_to_talk'} [turnDetection]
 * @property {boolean} [isTyped] without microphone and speech
 * @property {boolean} [callsUpstream] makes WebRTC calls with the minted key, past the broker
 * @property {string} [deviceID] the microphone; empty for the default one
 * @property {string} [conversation_id]
 * @property {string|null} [greeting] what the model says first; null leaves out the agent's, too
 * @property {Record<string, (args: any) => unknown>} [functions] what answers the model's calls of
 * the tools that this page brings
 */

/**
 * An event of upstream's protocol.
 *
 * @typedef {{type: string, event_id?: string, [field: string]: any}} RealtimeEvent
 */

/**
 * How far speech was heard.
 *
 * @typedef {{itemID: string, contentIndex: number, audioEndMs: number}} Heard
 */

/**
 * What a user can do something about.
 *
 * @typedef {{code: string, message: string}} Problem
 */

/**
 * What a transport tells.
 *
 * @typedef {object} TransportListener
 * @property {(event: RealtimeEvent) => void} onEvent
 * @property {(closure: {code: number, reason: string}) => void} onClose an end that is not ours
 * @property {(isPlaying: boolean) => void} onPlaying as speech begins and ends to be heard
 */

/**
 * A way to upstream.
 *
 * @typedef {object} Transport
 * @property {'webrtc'|'websocket'} kind
 * @property {boolean} sendsWhileOpenOnly whether a closed microphone sends nothing; else silence
 * @property {boolean} truncatesItself whether upstream knows what was heard, and cuts it there
 * @property {(session: MintedSession, position?: {lastEventID: string|null}) => Promise<void>}
 * connect resolves when events can be sent; with a position, it goes on behind that event
 * @property {(microphone: import('../audio/microphone.js').Microphone|null) => Promise<void>} listenTo
 * @property {(event: RealtimeEvent) => boolean} send false if it is not open
 * @property {() => Promise<Heard[]>} silence stops the speech; tells what was heard of it, and that
 * what was still to come was not
 * @property {(listener: TransportListener) => Transport} [successor] another one for the same
 * session, where that can be resumed
 * @property {() => void} [check] asks for a sign of life: without one, the connection counts as lost
 * @property {() => void} [lose] gives a connection up that is probably dead; the session goes on
 * @property {() => void} close for good; may be called twice
 * @property {number} level how loud the speech is, from 0 to 1
 */

/**
 * What a lifeline asks and tells.
 *
 * @typedef {object} LifelineHost
 * @property {() => import('../audio/player.js').Player} player
 * @property {() => import('../audio/microphone.js').Microphone|null} microphone
 * @property {() => boolean} isQuiet whether nobody speaks or waits
 * @property {(session: MintedSession) => void} minted a session takes over
 * @property {(isResumed: boolean) => void} ready events can be sent
 * @property {(event: RealtimeEvent) => void} received
 * @property {(isPlaying: boolean) => void} playing
 * @property {() => void} renewing the session that will take over is about to be asked for
 * @property {() => void} renewed a call takes over from one that would have ended soon
 * @property {() => void} lost
 * @property {(text: string) => void} ended somebody wanted that
 * @property {(problem: Problem) => void} failed
 */

export {};
