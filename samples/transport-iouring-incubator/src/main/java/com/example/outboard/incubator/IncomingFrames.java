package com.example.outboard.incubator;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Peers;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.WorkerContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A ring of frames on their way from the event loop to the worker, in memory that the sidecar knows
 * as a region: guests' buffers are filled straight from it.
 *
 * <p>Theory of operation. The event loop copies a frame out of Netty's buffer into a slot and
 * publishes it by {@link #filled}; the worker gives slots back by {@link #free}. A sleeping worker
 * must not miss a frame: it sets {@link #armed} and then looks at the ring once more, the event
 * loop publishes and then looks at {@code armed}, each with a full fence between. So one of the two
 * sees the other.
 */
final class IncomingFrames extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final int SLOTS = 512;

  private final Peers<InetSocketAddress> peers;
  private final RegionTable regions;
  private final Counter unknownPeer;
  private final Counter badDatagram;
  private final Counter ringFull;
  private final ByteBuffer memory = ByteBuffer.allocateDirect(SLOTS * Datagram.SLOT);
  private final int region;
  private final int[] lengths = new int[SLOTS];
  private final int[] networks = new int[SLOTS];
  private final int[] hops = new int[SLOTS];
  private final AtomicLong filled = new AtomicLong();
  private final AtomicLong free = new AtomicLong(SLOTS);
  private volatile boolean armed;
  private volatile WorkerContext worker;

  /** How many the worker has taken; its own. */
  private long taken;

  IncomingFrames(Peers<InetSocketAddress> peers, TransportContext context) {
    this.peers = peers;
    regions = context.regions();
    unknownPeer = context.counter("unknown-peer");
    badDatagram = context.counter("bad-datagram");
    ringFull = context.counter("receive-ring-full");
    region = regions.add(MemorySegment.ofBuffer(memory));
  }

  /** Says whom to wake. The worker, or with null any thread. */
  void wakes(WorkerContext context) {
    worker = context;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
    ByteBuf content = datagram.content();
    int bytes = content.readableBytes() - Datagram.HEADER;
    if (bytes <= 0 || content.readableBytes() == Datagram.SLOT) {
      badDatagram.add(1);
      return;
    }
    int network = content.readInt();
    int hop = peers.number(network, datagram.sender());
    if (hop == Peers.NONE) {
      unknownPeer.add(1);
      return;
    }
    long next = filled.getPlain();
    if (next == free.getAcquire()) {
      ringFull.add(1);
      return;
    }
    int slot = (int) next & SLOTS - 1;
    content.readBytes(memory.limit((slot * Datagram.SLOT) + bytes).position(slot * Datagram.SLOT));
    lengths[slot] = bytes;
    networks[slot] = network;
    hops[slot] = hop;
    filled.setRelease(next + 1);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    VarHandle.fullFence();
    WorkerContext sleeper = worker;
    if (armed && sleeper != null) {
      armed = false;
      sleeper.wake();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    badDatagram.add(1); // an error of an earlier datagram, told by the kernel: nobody reads these
  }

  /** Adds what is there. The worker. */
  int take(FrameBurst into, int limit) {
    int count = (int) Math.min(limit, filled.getAcquire() - taken);
    for (int i = 0; i < count; i++) {
      int slot = (int) taken++ & SLOTS - 1;
      into.addFragment(region, (long) slot * Datagram.SLOT, lengths[slot]);
      into.endFrame(networks[slot], lengths[slot], 0, 0);
      into.setRoute(i, hops[slot], 0);
    }
    return count;
  }

  /** The worker needs none of those that it has taken. */
  void release() {
    free.setRelease(taken + SLOTS);
  }

  /** The worker is about to sleep; false if there is work for it. */
  boolean arm() {
    armed = true;
    VarHandle.fullFence();
    if (filled.getAcquire() != taken) {
      armed = false;
      return false;
    }
    return true;
  }

  /** The memory is not used any more, neither by the channel nor by a worker. */
  void close() {
    regions.remove(region);
  }
}
