/** placeholder */ package dev.outboard.transport.tuntap;
