package dev.outboard.guest;

import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Mapping;
import dev.outboard.linux.MemoryFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a stand-in guest: a memfd that the sidecar maps too. As in a real VMM, a region's
 * guest-physical address, its address in the VMM and its place in the file all differ, so that a
 * backend that mixes them up fails at once. Allocation is by the thread that builds the guest; the
 * areas may then be used by any one thread.
 */
public final class GuestMemory implements AutoCloseable {
  /** The file begins with a hole, so that no region lies at offset 0. */
  public static final long FILE_HOLE = 2 << 20;

  private static final long GUEST_BASE = 0x1_4000_0000L;
  private static final long GUEST_GAP = 0x4000_0000L;
  private static final long USER_BASE = 0x7e12_0000_0000L;
  private static final long USER_GAP = 0x20_0000_0000L;
  private static final long HUGE_PAGE = 2 << 20;

  /**
   * What the memory looks like.
   *
   * @param regions how many regions; rings are in the first, buffers in the last
   * @param huge whether it is made of huge pages
   * @param sealed whether the file can't shrink, as with QEMU's memfd backend; if not, nobody can
   *     seal it later, as with a file on tmpfs
   */
  public record Options(int regions, boolean huge, boolean sealed) {
    public static final Options DEFAULT = new Options(1, false, true);
  }

  /**
   * A piece of a region that belongs to one user.
   *
   * @param segment our own view
   * @param guestAddress guest-physical address of its first byte
   * @param userAddress the VMM's address of its first byte
   */
  public record Area(MemorySegment segment, long guestAddress, long userAddress) {}

  private final Arena arena = Arena.ofShared();
  private final List<MemoryRegion> regions = new ArrayList<>();
  private final List<MemorySegment> mappings = new ArrayList<>();
  private final long[] allocated;
  private final int fd;
  private boolean closed;

  /** Memory of at least these sizes, one number for each region. */
  public GuestMemory(String name, Options options, long... sizes) throws LinuxException {
    if (sizes.length != options.regions()) {
      throw new IllegalArgumentException(options.regions() + " regions need as many sizes");
    }
    allocated = new long[sizes.length];
    long unit = options.huge() ? HUGE_PAGE : Mapping.pageSize();
    long offset = FILE_HOLE;
    long[] offsets = new long[sizes.length];
    // The later region lies earlier in the file: order in one space says nothing about another.
    for (int i = sizes.length - 1; i >= 0; i--) {
      offsets[i] = offset;
      offset += round(sizes[i], unit);
    }
    fd =
        options.huge()
            ? MemoryFile.createHuge(name, round(offset, unit))
            : MemoryFile.create(name, offset);
    try {
      if (options.sealed() && !MemoryFile.sealShrink(fd)) {
        throw new IllegalStateException("a new memory file can't be sealed");
      }
      if (!options.sealed()) {
        MemoryFile.forbidSeals(fd);
      }
      for (int i = 0; i < sizes.length; i++) {
        long size = round(sizes[i], unit);
        mappings.add(Mapping.map(fd, offsets[i], size, arena));
        long guest = GUEST_BASE + i * GUEST_GAP;
        long user = USER_BASE + i * USER_GAP;
        regions.add(new MemoryRegion(guest, size, user, offsets[i], fd));
      }
    } catch (LinuxException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static long round(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }

  /** The regions, for SET_MEM_TABLE. */
  public List<MemoryRegion> regions() {
    return List.copyOf(regions);
  }

  /** Our own mapping of a region. */
  public MemorySegment mapping(int region) {
    return mappings.get(region);
  }

  /** The file itself: tests may resize it, punch holes in it or pass it in wrong places. */
  public int fd() {
    return fd;
  }

  /** Takes a zeroed, page-aligned piece of a region. Its pages are there afterwards. */
  public Area allocate(int region, long size) {
    MemoryRegion from = regions.get(region);
    long at = allocated[region];
    long rounded = round(size, Mapping.pageSize());
    if (at + rounded > from.size()) {
      throw new IllegalArgumentException(
          "region " + region + " has " + (from.size() - at) + " bytes left, not " + size);
    }
    allocated[region] = at + rounded;
    MemorySegment segment = mappings.get(region).asSlice(at, size);
    segment.fill((byte) 0);
    return new Area(segment, from.guestAddress() + at, from.userAddress() + at);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
      FileDescriptors.close(fd);
    }
  }
}
