interface Node<T> {
  readonly value: T
  previous: Node<T> | undefined
  next: Node<T> | undefined
}

/** A queue whose members can leave from anywhere, and come back. Every operation is O(1); `insert` walks past those that came back earlier. */
export class CallQueue<T> {
  readonly #nodes = new Map<T, Node<T>>()
  #first: Node<T> | undefined
  #last: Node<T> | undefined

  get size(): number {
    return this.#nodes.size
  }

  push(value: T): void {
    const node: Node<T> = { value, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.#first = node
    else this.#last.next = node
    this.#last = node
    this.#nodes.set(value, node)
  }

  /** Puts a value back: before the first one that is to come after it. */
  insert(value: T, comesAfter: (other: T) => boolean): void {
    let next = this.#first
    while (next !== undefined && !comesAfter(next.value)) next = next.next
    if (next === undefined) return this.push(value)
    const node: Node<T> = { value, previous: next.previous, next }
    if (next.previous === undefined) this.#first = node
    else next.previous.next = node
    next.previous = node
    this.#nodes.set(value, node)
  }

  peek(): T | undefined {
    return this.#first?.value
  }

  delete(value: T): boolean {
    const node = this.#nodes.get(value)
    if (node === undefined) return false
    this.#nodes.delete(value)
    if (node.previous === undefined) this.#first = node.next
    else node.previous.next = node.next
    if (node.next === undefined) this.#last = node.previous
    else node.next.previous = node.previous
    // A dead node that points to a living one would keep it from being collected young.
    node.previous = undefined
    node.next = undefined
    return true
  }

  values(): T[] {
    const values: T[] = []
    for (let node = this.#first; node !== undefined; node = node.next) values.push(node.value)
    return values
  }
}
