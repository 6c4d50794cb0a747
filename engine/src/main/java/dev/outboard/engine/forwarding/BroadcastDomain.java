package dev.outboard.engine.forwarding;

import java.util.Arrays;

/**
 * The guests of one (network, tenant), and the peers that have others of them: who gets a
 * broadcast. Changed by the control thread, read by workers while it changes; for an instant a
 * reader may miss a guest that comes or goes.
 *
 * @param <G> the guest
 */
public final class BroadcastDomain<G> {
  private final int number;
  private volatile Object[] members = new Object[8];
  private volatile int count;
  private volatile Hops hops = new Hops(new Path[0], new int[0], new Path[0][]);

  /** An empty domain; {@code number} is its key for IP addresses. */
  public BroadcastDomain(int number) {
    this.number = number;
  }

  /** A number of its own, never negative. */
  public int number() {
    return number;
  }

  /** How many guests there are. */
  public int count() {
    return count;
  }

  /** One of them, or null if it has just gone. */
  @SuppressWarnings("unchecked")
  public G member(int i) {
    Object[] now = members;
    return i < now.length ? (G) now[i] : null;
  }

  /**
   * Where members on other hosts are; each peer once. Not to be changed.
   *
   * @param uplink by which they are to be reached if they can; as in {@link Path}
   */
  public Path[] hops(int uplink) {
    return hops.by(uplink);
  }

  /** Says anew where members on other hosts are. */
  public void setHops(Hops peers) {
    hops = peers;
  }

  /**
   * The peers that have members. Immutable.
   *
   * @param usual as is usual for each
   * @param uplinks for which there is something else to say
   * @param preferred what that is
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  public record Hops(Path[] usual, int[] uplinks, Path[][] preferred) {
    Path[] by(int uplink) {
      for (int i = 0; i < uplinks.length; i++) {
        if (uplinks[i] == uplink) {
          return preferred[i];
        }
      }
      return usual;
    }
  }

  /** Adds a guest; returns its place, which {@link #remove} wants. */
  public int add(G guest) {
    int place = count;
    if (place == members.length) {
      members = Arrays.copyOf(members, place * 2);
    }
    members[place] = guest;
    count = place + 1;
    return place;
  }

  /** Removes the guest at a place; returns the guest that has taken the place, or null. */
  public G remove(int place) {
    int last = count - 1;
    G moved = place == last ? null : member(last);
    members[place] = moved;
    count = last;
    members[last] = null;
    return moved;
  }
}
