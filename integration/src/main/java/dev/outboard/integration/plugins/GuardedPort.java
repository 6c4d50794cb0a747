package dev.outboard.integration.plugins;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.WorkerContext;

/**
 * A port of a plugin's transport. Frames pass straight through: what goes wrong there the engine
 * deals with itself, without a thread between. Only what the control thread asks of a port is
 * guarded.
 *
 * @param <P> what the plugin's port is
 */
abstract class GuardedPort<P extends FramePort> implements FramePort {
  final Guard guard;
  final P plugin;

  GuardedPort(Guard guard, P plugin) {
    this.guard = guard;
    this.plugin = plugin;
  }

  @Override
  public void bind(WorkerContext context) {
    withItsLoader(() -> plugin.bind(context));
  }

  @Override
  public void unbind() {
    withItsLoader(plugin::unbind);
  }

  /** On the worker's thread, which knows the sidecar's class loader only. */
  private void withItsLoader(Runnable call) {
    Thread worker = Thread.currentThread();
    ClassLoader before = worker.getContextClassLoader();
    worker.setContextClassLoader(plugin.getClass().getClassLoader());
    try {
      call.run();
    } finally {
      worker.setContextClassLoader(before);
    }
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return plugin.transmit(frames, from, count);
  }

  @Override
  public int reclaim(long[] tokens, int limit) {
    return plugin.reclaim(tokens, limit);
  }

  @Override
  public void flush() {
    plugin.flush();
  }

  @Override
  public String failure() {
    return plugin.failure();
  }

  @Override
  public void close() {
    guard.clear("close() of a port", plugin::close);
  }
}
