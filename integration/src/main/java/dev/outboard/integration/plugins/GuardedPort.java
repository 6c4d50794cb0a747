package dev.outboard.integration.plugins;

import dev.outboard.spi.DirectReceive;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.PortHandOver;
import dev.outboard.spi.PortState;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.WorkerContext;

/**
 * A port of a plugin's transport. Frames pass straight through: what goes wrong there the engine
 * deals with itself, without a thread between. Only what the control thread asks of a port is
 * guarded.
 *
 * @param <P> what the plugin's port is
 */
class GuardedPort<P extends FramePort> implements FramePort {
  private final Guard guard;
  final P plugin;

  GuardedPort(Guard guard, P plugin) {
    this.guard = guard;
    this.plugin = plugin;
  }

  /** A guest's port that can do what the plugin's can. */
  static FramePort of(Guard guard, FramePort port) {
    boolean receives = port instanceof DirectReceive;
    if (port instanceof PortHandOver) {
      return receives ? new MovingDirect(guard, port) : new Moving(guard, port);
    }
    return receives ? new Direct(guard, port) : new GuardedPort<>(guard, port);
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
  public void receiveOffloads(int offloads) {
    plugin.receiveOffloads(offloads);
  }

  @Override
  public String failure() {
    return plugin.failure();
  }

  @Override
  public void close() {
    guard.clear("close() of a port", plugin::close);
  }

  /** One that reads into its guest's buffers. */
  private static final class Direct extends GuardedPort<FramePort> implements DirectReceive {
    private final DirectReceive receiver;

    Direct(Guard guard, FramePort port) {
      super(guard, port);
      receiver = (DirectReceive) port;
    }

    @Override
    public int receive(ReceiveSpace space, int limit) {
      return receiver.receive(space, limit);
    }
  }

  /** One that can pass to another process. */
  private static class Moving extends GuardedPort<FramePort> implements PortHandOver {
    private final Guard guard;
    private final PortHandOver moving;

    Moving(Guard guard, FramePort port) {
      super(guard, port);
      this.guard = guard;
      moving = (PortHandOver) port;
    }

    @Override
    public PortState state() {
      try {
        return guard.call("state()", () -> Checked.made("state()", moving.state()));
      } catch (PluginFailure e) {
        throw new IllegalStateException(guard.line(e), e);
      }
    }

    @Override
    public void own() {
      guard.clear("own()", moving::own);
    }
  }

  /** Both. */
  private static final class MovingDirect extends Moving implements DirectReceive {
    private final DirectReceive receiver;

    MovingDirect(Guard guard, FramePort port) {
      super(guard, port);
      receiver = (DirectReceive) port;
    }

    @Override
    public int receive(ReceiveSpace space, int limit) {
      return receiver.receive(space, limit);
    }
  }
}
