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
  private volatile Path[] hops = {};

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

  /** Where members on other hosts are; each peer once. Not to be changed. */
  public Path[] hops() {
    return hops;
  }

  /** Says anew where members on other hosts are. */
  public void setHops(Path[] peers) {
    hops = peers.clone();
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
