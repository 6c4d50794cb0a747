package dev.outboard.transport.dpdk;

import dev.outboard.spi.Counter;
import dev.outboard.transport.dpdk.ffi.Packets;
import dev.outboard.transport.dpdk.underlay.NextHops;
import dev.outboard.transport.dpdk.underlay.Underlay;
import dev.outboard.transport.dpdk.underlay.Verdict;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.function.Function;

/**
 * Frames in VXLAN over UDP and IP, which nobody but us speaks on this device: so it answers who
 * asks for our address, and asks for those of peers.
 */
final class VxlanWire extends Wire {
  private final Underlay underlay;

  private final EnumMap<Verdict, Counter> drops = new EnumMap<>(Verdict.class);

  private Sender sender;

  VxlanWire(NextHops hops, Function<String, Counter> counter) {
    underlay = Underlay.of(hops);
    for (Verdict verdict : Verdict.values()) {
      if (verdict.isDrop()) {
        drops.put(verdict, counter.apply(verdict.counter()));
      }
    }
  }

  @Override
  int wrap(MemorySegment memory, long at, int bytes, int hop, int flowHash) {
    return underlay.encapsulate(memory, at - underlay.headers(), bytes, hop, flowHash);
  }

  @Override
  boolean unwrap(MemorySegment memory, long packet) {
    long at = Packets.data(packet);
    Verdict verdict = underlay.decapsulate(memory, at, Packets.length(packet), false);
    switch (verdict) {
      case FRAME -> {
        found(
            at + underlay.frameOffset(),
            underlay.frameLength(),
            underlay.network(),
            underlay.nextHop());
        return true;
      }
      case ANSWER -> answer(memory, at);
      case LEARNED -> sender.retryWaiting();
      default -> drops.get(verdict).add(1);
    }
    return false;
  }

  /** A question may have told where its sender is, too. */
  private void answer(MemorySegment memory, long at) {
    long packet = sender.take();
    if (packet != 0) {
      int room = sender.room();
      sender.sendOwn(packet, underlay.answer(memory, at, memory, Packets.data(packet), room));
    }
    sender.retryWaiting();
  }

  @Override
  void serve(Sender itsSender) {
    sender = itsSender;
    underlay.setTime(System.nanoTime());
    while (underlay.hasRequest()) {
      long packet = sender.take();
      if (packet == 0) {
        return;
      }
      int length = underlay.request(sender.memory(), Packets.data(packet));
      sender.sendOwn(packet, length);
      if (length == 0) {
        return;
      }
    }
  }

  @Override
  long deadline() {
    return underlay.deadline();
  }
}
