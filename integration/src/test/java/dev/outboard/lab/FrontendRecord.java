package dev.outboard.lab;

import java.util.Set;
import java.util.TreeSet;

/**
 * What a vhost-user front-end has asked for, and what was offered to it: kept by {@link VhostRelay}
 * as messages pass. Sets only, no counts or order, so that two runs give the same. Any thread.
 */
public final class FrontendRecord {
  private static final int GET_FEATURES = 1;
  private static final int SET_FEATURES = 2;
  private static final int GET_PROTOCOL_FEATURES = 15;
  private static final int SET_PROTOCOL_FEATURES = 16;

  private final Set<Integer> requests = new TreeSet<>();
  private long offered;
  private long agreed;
  private long protocolOffered;
  private long protocolAgreed;

  /** A request went by; {@code word} is what its payload begins with. */
  synchronized void request(int code, long word) {
    requests.add(code);
    if (code == SET_FEATURES) {
      agreed |= word;
    } else if (code == SET_PROTOCOL_FEATURES) {
      protocolAgreed |= word;
    }
  }

  /** A reply went by. */
  synchronized void reply(int code, long word) {
    if (code == GET_FEATURES) {
      offered |= word;
    } else if (code == GET_PROTOCOL_FEATURES) {
      protocolOffered |= word;
    }
  }

  /** The numbers of the requests. */
  public synchronized Set<Integer> requests() {
    return Set.copyOf(requests);
  }

  /** The virtio features that the back-end offered. */
  public synchronized long offered() {
    return offered;
  }

  /** The virtio features that the front-end has set. */
  public synchronized long agreed() {
    return agreed;
  }

  /** The protocol features that the back-end offered. */
  public synchronized long protocolOffered() {
    return protocolOffered;
  }

  /** The protocol features that the front-end has set. */
  public synchronized long protocolAgreed() {
    return protocolAgreed;
  }
}
