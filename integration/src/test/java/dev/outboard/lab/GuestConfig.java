package dev.outboard.lab;

/**
 * What distinguishes one test guest from another, whatever VMM runs it: so that one scenario can be
 * run over QEMU and UML with the same words.
 *
 * @param ip IPv4 address with prefix length; null for a guest without a network
 * @param ip6 IPv6 address with prefix length, or null
 * @param mtu 0 for what the device says
 */
public record GuestConfig(String name, String mac, String ip, String ip6, int mtu, int memoryMib) {

  /** Guest {@code n} of the test network 10.0.0.0/24 and fd00::/64. */
  public static GuestConfig of(int n) {
    return new GuestConfig(
        "guest" + n,
        String.format("02:00:00:00:%02x:%02x", n >> 8, n & 0xff),
        "10.0." + (n >> 8) + "." + (n & 0xff) + "/16",
        String.format("fd00::%x/64", n),
        0,
        // sockperf alone takes 66 MiB for its samples
        192);
  }

  public GuestConfig withMtu(int bytes) {
    return new GuestConfig(name, mac, ip, ip6, bytes, memoryMib);
  }

  public GuestConfig withMemory(int mebibytes) {
    return new GuestConfig(name, mac, ip, ip6, mtu, mebibytes);
  }

  public GuestConfig withoutNetwork() {
    return new GuestConfig(name, mac, null, null, 0, memoryMib);
  }

  /** The IPv4 address without its prefix length. */
  public String address() {
    return ip.substring(0, ip.indexOf('/'));
  }

  /** The IPv6 address without its prefix length. */
  public String address6() {
    return ip6.substring(0, ip6.indexOf('/'));
  }

  /** What our init reads from the kernel's command line. */
  String kernelArguments() {
    return (ip == null ? "" : " lab_ip=" + ip)
        + (ip6 == null ? "" : " lab_ip6=" + ip6)
        + (mtu == 0 ? "" : " lab_mtu=" + mtu);
  }
}
