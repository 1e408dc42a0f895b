// AsyncAPI's document, in the order in which it is read: channels, their operations, the messages of each.

export class AsyncApi {
  #document;

  constructor(document) {
    this.#document = document;
  }

  get info() {
    return this.#document.info;
  }

  get version() {
    return this.#document.asyncapi;
  }

  get token() {
    return this.#document.components.securitySchemes.token.description;
  }

  get channels() {
    return Object.entries(this.#document.channels).map(([id, channel]) => {
      const { title, address, description } = channel;
      return { id, title, address, description, operations: this.#operations(id) };
    });
  }

  #operations(channelId) {
    const place = `#/channels/${channelId}`;
    return Object.entries(this.#document.operations)
      .filter(([, operation]) => operation.channel.$ref === place)
      .map(([id, { action, title, summary, security, messages, reply }]) => ({
        id,
        title,
        summary,
        fromClient: action === "receive", // the document speaks for the service
        asksToken: security !== undefined,
        messages: messages.map(({ $ref }) => ({ id: anchor($ref), ...this.#whole(this.#at($ref)) })),
        replies: (reply?.messages ?? []).map(({ $ref }) => ({ id: anchor($ref), name: this.#at($ref).name })),
      }));
  }

  #at(reference) {
    return reference.slice(2).split("/").reduce((part, name) => part[name], this.#document);
  }

  /** The same with what its references mean. */
  #whole(part) {
    if (Array.isArray(part)) return part.map((one) => this.#whole(one));
    if (part === null || typeof part !== "object") return part;
    if (part.$ref !== undefined) return this.#whole(this.#at(part.$ref));
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, this.#whole(one)]));
  }
}

/** `#/channels/ws/messages/frame` becomes `ws/frame`. */
function anchor(reference) {
  const [, , channel, , message] = reference.split("/");
  return `${channel}/${message}`;
}
