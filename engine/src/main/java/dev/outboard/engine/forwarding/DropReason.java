package dev.outboard.engine.forwarding;

import java.util.Locale;

/** Why a frame that was taken from a guest, or came in by an uplink, was given to nobody. */
public enum DropReason {
  /** A chain of descriptors that can't be read. */
  BAD_CHAIN,
  /** An impossible size or offload fields. */
  BAD_FRAME,
  /** A header too short or contradictory for what it claims to be. */
  BAD_HEADER,
  /** A source MAC address that is not the guest's. */
  SOURCE_MAC,
  /** A source IP address that is not the guest's. */
  SOURCE_IP,
  /** Larger than the network's MTU; the guest was told, if it is IP that may not be fragmented. */
  TOO_BIG,
  /** A VLAN tag: what is behind it can't be checked. */
  VLAN,
  /** Nobody has the destination address, and no route leads to it. */
  UNKNOWN_DESTINATION,
  /** From outside, with a source that nobody knows, and not from a gateway. */
  UNKNOWN_SOURCE,
  /** From outside, with the source of a guest of this host, or of a station behind another peer. */
  FORGED_SOURCE,
  /** The destination belongs to another tenant. */
  OTHER_TENANT,
  /** The destination's driver is not running. */
  DESTINATION_DOWN,
  /** The destination had no room for as long as a frame may wait. */
  DESTINATION_FULL,
  /** The destination has had no room for so long that nobody waits for it any more. */
  DESTINATION_STALLED,
  /** The destination's buffers are too small for the frame. */
  BUFFER_TOO_SMALL,
  /** The frame needs an offload that the destination lacks, and is such that we can't do it. */
  NEEDS_OFFLOAD,
  /** More broadcast and multicast than the guest's share. */
  FLOOD_LIMIT,
  /** The guest's uplink had no room for as long as a frame may wait. */
  UPLINK_FULL,
  /** The guest's uplink has failed. */
  UPLINK_FAILED,
  /** The driver has switched the queue off; it is drained all the same. */
  QUEUE_DISABLED;

  private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The name users see, for example {@code needs-offload}. */
  public String label() {
    return label;
  }
}
