package dev.outboard.testkit;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the suites for both scopes have in common. Authors subclass {@link SharedTransportKit} or
 * {@link GuestTransportKit}; JUnit calls what they override on the control thread, one that the
 * rules of a class share and that ends with the last of them.
 */
@ExtendWith(OnBench.class)
public abstract class TransportKit
    implements ProviderRules,
        CapabilityRules,
        TransmitRules,
        FullRules,
        HoldRules,
        OffloadRules,
        PortRules,
        LossRules {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  TransportKit() {}

  /** The provider to be tried; a new one or the same each time. */
  protected abstract TransportProvider provider();

  /** The uplink that sends, in most rules. */
  protected abstract Side left();

  /**
   * The uplink that receives. Of a transport whose ports belong to guests it may be {@link #left}
   * itself: then both guests have ports of one uplink.
   */
  protected abstract Side right();

  /**
   * Prepares the control thread before the first rule: it may move to a network namespace of its
   * own, where the workers follow it, or abort by an assumption if that can't be done here.
   */
  protected void prepare() throws Exception {}

  /** How long the kit waits for what must happen, before it calls a rule broken. */
  protected Duration patience() {
    return PATIENCE;
  }

  /** The scope that the suite is for. */
  abstract Capabilities.Scope scope();

  /** Opens a port in an uplink: a guest's, or a worker's. */
  abstract FramePort openPort(Uplink uplink, End.Place place) throws TransportException;

  /** How frames come in by a port. */
  abstract Inbox inbox(FramePort port, Uplink uplink, End.Place place);

  /** Lets frames of a network find their way from one uplink to another, and back. */
  abstract Route connect(Uplink from, Uplink to, int network) throws TransportException;
}
