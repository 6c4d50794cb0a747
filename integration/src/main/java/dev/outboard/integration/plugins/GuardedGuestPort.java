package dev.outboard.integration.plugins;

import dev.outboard.spi.GuestPort;
import dev.outboard.spi.PortHandOver;
import dev.outboard.spi.PortState;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.TransportException;

/** A guest's port of a plugin's transport; see {@link GuardedPort}. */
class GuardedGuestPort extends GuardedPort<GuestPort> implements GuestPort {
  private GuardedGuestPort(Guard guard, GuestPort port) {
    super(guard, port);
  }

  /** One that can do what the plugin's can. */
  static GuestPort of(Guard guard, GuestPort port) {
    return port instanceof PortHandOver moving
        ? new Moving(guard, port, moving)
        : new GuardedGuestPort(guard, port);
  }

  @Override
  public void receiveOffloads(int offloads) {
    plugin.receiveOffloads(offloads);
  }

  @Override
  public int receive(ReceiveSpace space, int limit) {
    return plugin.receive(space, limit);
  }

  /** One that can pass to another process. */
  private static final class Moving extends GuardedGuestPort implements PortHandOver {
    private final PortHandOver moving;

    Moving(Guard guard, GuestPort port, PortHandOver moving) {
      super(guard, port);
      this.moving = moving;
    }

    @Override
    public PortState state() throws TransportException {
      try {
        return guard.call("state()", () -> Checked.made("state()", moving.state()));
      } catch (PluginFailure e) {
        throw new TransportException(guard.line(e), e);
      }
    }

    @Override
    public void own() {
      guard.clear("own()", moving::own);
    }
  }
}
