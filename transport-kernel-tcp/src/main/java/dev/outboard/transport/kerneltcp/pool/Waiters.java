package dev.outboard.transport.kerneltcp.pool;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Requests that wait for a connection: by class, first come first served within one. Private to the
 * pool, used on its loop.
 */
final class Waiters<C extends PooledConnection> {
  static final List<ServiceClass> CLASSES = List.of(ServiceClass.values());

  /** A request that waits. */
  record Waiter<C extends PooledConnection>(
      ServiceClass serviceClass, long since, CompletableFuture<Lease<C>> answer) {}

  private final Map<ServiceClass, Deque<Waiter<C>>> queues = new EnumMap<>(ServiceClass.class);
  private int count;

  Waiters() {
    for (ServiceClass each : CLASSES) {
      queues.put(each, new ArrayDeque<>());
    }
  }

  void add(Waiter<C> waiter) {
    queues.get(waiter.serviceClass()).add(waiter);
    count++;
  }

  int count() {
    return count;
  }

  int count(ServiceClass serviceClass) {
    return queues.get(serviceClass).size();
  }

  Waiter<C> removeFirst(ServiceClass serviceClass) {
    count--;
    return queues.get(serviceClass).remove();
  }

  /** When the one who has waited longest of all began to, or {@code Long.MAX_VALUE}. */
  long oldest() {
    long oldest = Long.MAX_VALUE;
    for (Deque<Waiter<C>> queue : queues.values()) {
      if (!queue.isEmpty()) {
        oldest = Math.min(oldest, queue.peek().since());
      }
    }
    return oldest;
  }

  /** Takes out one who does not want any more or began to wait at this time or before, or null. */
  Waiter<C> removeStale(long before) {
    for (Deque<Waiter<C>> queue : queues.values()) {
      Waiter<C> first = queue.peek();
      if (first != null && (first.since() <= before || first.answer().isDone())) {
        count--;
        return queue.remove();
      }
    }
    return null;
  }
}
