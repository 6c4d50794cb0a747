package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.FloodLimit;
import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.forwarding.Path;
import dev.outboard.engine.forwarding.SourceCheck;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A station that is known to be on another host: by which peers it is reached, and what frames may
 * say that they come from it. Made by the control thread, used by all workers.
 */
public final class RemoteStation implements Station {
  final GuestIdentity identity;
  final SourceCheck sourceCheck;
  final FloodLimit floodLimit = new FloodLimit();
  private final BroadcastDomain<GuestDevice> domain;

  /** The usual one first; replaced as a whole. */
  private volatile Path[] paths;

  /**
   * A remote station.
   *
   * @param paths how it is reached, the usual one first; frames from it are taken from all of them
   */
  public RemoteStation(
      GuestIdentity identity, BroadcastDomain<GuestDevice> domain, List<Path> paths) {
    this.identity = identity;
    this.domain = domain;
    this.paths = paths.toArray(Path[]::new);
    sourceCheck = new SourceCheck(identity);
  }

  @Override
  public String id() {
    return identity.id();
  }

  @Override
  public long mac() {
    return identity.mac().bits();
  }

  @Override
  public BroadcastDomain<GuestDevice> domain() {
    return domain;
  }

  /** Who it is. */
  public GuestIdentity identity() {
    return identity;
  }

  /** How it is usually reached. */
  public Path usual() {
    return paths[0];
  }

  /** Has another of its ways be the usual one. The control thread. */
  void prefer(Path usual) {
    Path[] next = paths.clone();
    int at = List.of(next).indexOf(usual);
    System.arraycopy(next, 0, next, 1, at);
    next[0] = usual;
    paths = next;
  }

  /** All the uplinks it is reached by, as in {@link Path}. */
  IntStream uplinks() {
    return Arrays.stream(paths).mapToInt(Path::uplink);
  }

  /** How it is reached by an uplink, or null. */
  public Path on(int uplink) {
    for (Path path : paths) {
      if (path.uplink() == uplink) {
        return path;
      }
    }
    return null;
  }

  /** Whether frames from it may come from a peer. */
  boolean isAt(int uplink, int nextHop) {
    for (Path path : paths) {
      if (path.uplink() == uplink && path.nextHop() == nextHop) {
        return true;
      }
    }
    return false;
  }
}
