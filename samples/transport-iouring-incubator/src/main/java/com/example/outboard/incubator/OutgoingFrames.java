package com.example.outboard.incubator;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Peers;
import dev.outboard.spi.TransportContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A ring of datagrams on their way from the worker to the event loop.
 *
 * <p>Theory of operation. The worker copies frames into free slots, so they are finished when it
 * returns, and publishes the slots by one write of {@link #filled}. The event loop sends from the
 * slots as they are and gives them back in order, by {@link #sent}, when the kernel has read them.
 * It is told of work once, until it has begun to look: {@link #told} is cleared before it reads
 * {@code filled}, so what is added later tells it again.
 */
final class OutgoingFrames {
  private static final int SLOTS = 256;

  private final DatagramChannel channel;
  private final Peers<InetSocketAddress> peers;
  private final Counter unknownPeer;
  private final Counter refused;
  private final MemorySegment[] memory = new MemorySegment[SLOTS];
  private final ByteBuf[] datagrams = new ByteBuf[SLOTS];
  private final int[] hops = new int[SLOTS];
  private final int[] lengths = new int[SLOTS];
  private final AtomicLong filled = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicBoolean told = new AtomicBoolean();
  private final Runnable send = this::send;

  /** How many were given to the channel; the event loop's own, as is the next. */
  private long begun;

  private final boolean[] done = new boolean[SLOTS];

  OutgoingFrames(
      DatagramChannel channel, Peers<InetSocketAddress> peers, TransportContext context) {
    this.channel = channel;
    this.peers = peers;
    unknownPeer = context.counter("unknown-peer");
    refused = context.counter("refused");
    ByteBuffer all = ByteBuffer.allocateDirect(SLOTS * Datagram.SLOT);
    for (int i = 0; i < SLOTS; i++) {
      ByteBuffer slot = all.slice(i * Datagram.SLOT, Datagram.SLOT);
      memory[i] = MemorySegment.ofBuffer(slot);
      datagrams[i] = Unpooled.wrappedBuffer(slot);
    }
  }

  /** Takes as many frames as there are free slots. The worker. */
  int add(FrameBurst frames, int from, int count) {
    long next = filled.getPlain();
    int taken = (int) Math.min(count, SLOTS - (next - sent.getAcquire()));
    for (int i = from; i < from + taken; i++) {
      write(frames, i, (int) next++ & SLOTS - 1);
    }
    if (taken > 0) {
      filled.setRelease(next);
      if (!told.getAndSet(true)) {
        channel.eventLoop().execute(send);
      }
    }
    return taken;
  }

  private void write(FrameBurst frames, int i, int slot) {
    MemorySegment to = memory[slot];
    to.set(BigEndian.INT, 0, frames.network(i));
    int at = Datagram.HEADER;
    for (int f = frames.firstFragment(i); f < frames.firstFragment(i + 1); f++) {
      int bytes = frames.fragmentLength(f);
      MemorySegment.copy(frames.segment(f), frames.offset(f), to, at, bytes);
      at += bytes;
    }
    lengths[slot] = at;
    hops[slot] = frames.nextHop(i);
  }

  /** The event loop. */
  private void send() {
    told.set(false);
    long end = filled.getAcquire();
    while (begun < end) {
      int slot = (int) begun++ & SLOTS - 1;
      InetSocketAddress to = peers.address(hops[slot]);
      if (to == null) {
        unknownPeer.add(1);
        finish(slot);
      } else {
        ByteBuf datagram = datagrams[slot].retainedDuplicate().setIndex(0, lengths[slot]);
        channel.write(new DatagramPacket(datagram, to)).addListener(result -> {
              if (!result.isSuccess()) {
                refused.add(1);
              }
              finish(slot);
            });
      }
    }
    channel.flush();
  }

  /** A slot is free, as soon as those before it are. */
  private void finish(int slot) {
    done[slot] = true;
    long next = sent.getPlain();
    while (done[(int) next & SLOTS - 1]) {
      done[(int) next++ & SLOTS - 1] = false;
    }
    sent.setRelease(next);
  }

  /** Gives all that is left to the channel; what it can't send any more is counted. */
  void finish() {
    channel.eventLoop().submit(send).awaitUninterruptibly();
  }
}
