package dev.outboard.transport.dpdk.underlay;

/** What a packet from the underlay turned out to be. */
public enum Verdict {
  /** A guest's frame from a peer: {@link Underlay#frameOffset()} and what is beside it. */
  FRAME(""),

  /** The sender waits for an answer: {@link Underlay#answer}. */
  ANSWER(""),

  /** It has said where a neighbour is; there is nothing more to do. */
  LEARNED(""),

  /** VXLAN from an address that is nobody's. */
  UNKNOWN_PEER("unknown-peer"),

  /** VXLAN from a peer, in a network that it is not configured for. */
  UNKNOWN_NETWORK("unknown-network"),

  /** No VXLAN header with a network's number and an Ethernet header behind it. */
  BAD_VXLAN("bad-vxlan"),

  /** UDP to a port that is not VXLAN's. */
  WRONG_PORT("wrong-port"),

  /** Shorter than its headers say, or with headers that make no sense. */
  MALFORMED("malformed"),

  /** A checksum of IP, UDP or ICMP is wrong. */
  BAD_CHECKSUM("bad-checksum"),

  /** A fragment of an IP packet; peers send none. */
  FRAGMENT("fragment"),

  /** To another MAC or IP address, or no protocol that is spoken here. */
  NOT_FOR_US("not-for-us"),

  /** A host that is no neighbour said where it is. */
  UNKNOWN_NEIGHBOUR("unknown-neighbour"),

  /** Another host says that it has our IP address. */
  ADDRESS_CONFLICT("address-conflict"),

  /** More questions than are answered. */
  TOO_MANY_QUESTIONS("too-many-questions");

  private final String counter;

  Verdict(String counter) {
    this.counter = counter;
  }

  /** Whether it is to be dropped and counted. */
  public boolean isDrop() {
    return !counter.isEmpty();
  }

  /** The name of the counter of what is dropped for this reason. */
  public String counter() {
    return counter;
  }
}
