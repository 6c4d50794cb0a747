/** placeholder */ package dev.outboard.packet;
