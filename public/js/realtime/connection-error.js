/** Why a transport could not connect, in plain words. */
export class ConnectionError extends Error {
  name = 'ConnectionError';
  /**
   * The conversation that the next try carries on.
   *
   * @type {string|undefined}
   */
  conversationID;

  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
