// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel of domains in tests of commands: it has a console and listens to control/shutdown, and
// sleeps in between. It runs with translation off, as it is entered.
//
// It says "ready" and what it was called with. What is typed comes back; but q powers off, r
// reboots, c crashes, s says what a disk's back end (51712) has as its state.
//
// A call returns to the next bundle: hence a label behind each.
//
// r4 start_info, r5 console page, r6 store page, r7 shared_info; b6, b7 hold return addresses.
	.explicit

	.section .note.Xen, "", @note
	.align 4
	data4 4, 8, 1			// XEN_ELFNOTE_ENTRY
	stringz "Xen"
	data8 _start

	.text
	.global _start
	.proc _start
_start:
	alloc r2 = ar.pfs, 0, 0, 8, 0 ;;	// r32.. are hypercalls' arguments; a call keeps them
	movl r14 = 0xf100000000001010 ;;	// XSI_BASE: shared_info.arch.start_info_pfn
	ld8 r15 = [r14]
	movl r7 = 0xf100000000000000 ;;
	shl r4 = r15, 14 ;;
	adds r14 = 0x48, r4			// console.domU.mfn
	adds r15 = 0x38, r4 ;;			// store_mfn
	ld8 r16 = [r14], 8
	ld8 r17 = [r15], 8 ;;
	shl r5 = r16, 14
	shl r6 = r17, 14
	ld4 r16 = [r14]				// console.domU.evtchn
	ld4 r17 = [r15]				// store_evtchn
	movl r14 = ports ;;
	st4 [r14] = r16, 4 ;;
	st4 [r14] = r17

	movl r20 = ready ;;
	br.call.sptk.many b6 = print
0:
	adds r20 = 0x80, r4 ;;			// cmd_line
	br.call.sptk.many b6 = print
0:
	movl r20 = newline ;;
	br.call.sptk.many b6 = print
0:

	// XS_WATCH control/shutdown: an event comes at once, and with each change.
	movl r20 = watch_request
	mov r21 = watch_request_end - watch_request ;;
	br.call.sptk.many b6 = store_send
0:

wait:						// SCHEDOP_poll on both ports
	mov r2 = 29
	mov r32 = 3
	movl r33 = poll + 0x8000000000000000 ;;	// a handle, inline
	break 0x1000 ;;
	movl r14 = 0xf100000000000c00 ;;	// evtchn_pending: what comes from here on wakes again
	st8.rel [r14] = r0
	mf ;;
	br.call.sptk.many b6 = console_input
0:
	br.call.sptk.many b6 = store_input
0:
	br.cond.sptk.few wait
	.endp _start

// What was typed, up to in_prod.
console_input:
	mov r30 = b6
next_key:
	movl r14 = 0xc00 ;;
	add r14 = r5, r14 ;;			// in_cons
	adds r15 = 4, r14 ;;			// in_prod
	ld4 r16 = [r14]
	ld4.acq r17 = [r15] ;;
	cmp4.eq p6, p7 = r16, r17
	extr.u r19 = r16, 0, 10 ;;		// index in a ring of 1024
	(p6) mov b6 = r30
	(p6) br.cond.sptk.few return
	add r19 = r5, r19
	adds r16 = 1, r16 ;;
	ld1 r22 = [r19] ;;
	st4.rel [r14] = r16
	cmp.eq p8, p0 = 'q', r22
	cmp.eq p9, p0 = 'r', r22
	cmp.eq p10, p0 = 'c', r22
	cmp.eq p11, p0 = 's', r22
	mov r23 = 0
	mov r24 = 1
	mov r25 = 3 ;;
	.pred.rel "mutex", p8, p9, p10
	(p8) mov r20 = r23
	(p9) mov r20 = r24
	(p10) mov r20 = r25
	(p8) br.cond.sptk.few shutdown
	(p9) br.cond.sptk.few shutdown
	(p10) br.cond.sptk.few shutdown
	(p11) br.cond.sptk.few disk_state
	movl r14 = echo ;;
	st1 [r14] = r22
	mov r20 = r14 ;;
	br.call.sptk.many b6 = print
0:
	br.cond.sptk.few next_key

disk_state:
	movl r20 = disk_request
	mov r21 = disk_request_end - disk_request ;;
	br.call.sptk.many b6 = store_send
0:
	br.cond.sptk.few next_key

// Messages of the store: a value that begins with p, r, h is a request for what it is; a digit is
// printed; an event makes us ask for the value.
store_input:
	mov r30 = b6
next_message:
	movl r14 = 0x808 ;;
	add r14 = r6, r14 ;;			// rsp_cons
	adds r15 = 4, r14 ;;			// rsp_prod
	ld4 r16 = [r14]
	ld4.acq r17 = [r15] ;;
	sub r18 = r17, r16 ;;
	zxt4 r18 = r18 ;;
	cmp.gtu p6, p7 = 16, r18 ;;		// not even a header: later
	(p6) mov b6 = r30
	(p6) br.cond.sptk.few return
	movl r20 = header
	mov r21 = 16
	mov r29 = r18 ;;
	br.call.sptk.many b7 = store_copy
0:
	movl r20 = header ;;
	ld4 r22 = [r20], 12 ;;			// type
	ld4 r23 = [r20] ;;			// length
	adds r24 = 16, r23 ;;
	cmp.gtu p6, p7 = r24, r29 ;;		// not all of it: later
	(p6) mov b6 = r30
	(p6) br.cond.sptk.few return
	adds r16 = 16, r16 ;;			// take the header
	movl r20 = body
	mov r21 = r23 ;;
	br.call.sptk.many b7 = store_copy
0:
	add r16 = r16, r23
	movl r14 = 0x808 ;;
	add r14 = r6, r14 ;;
	st4.rel [r14] = r16			// rsp_cons
	movl r20 = body ;;
	ld1 r24 = [r20]
	cmp.eq p6, p0 = 15, r22			// XS_WATCH_EVENT
	cmp.eq p7, p0 = 2, r22 ;;		// XS_READ
	(p6) br.cond.sptk.few ask_value
	(p7) br.cond.sptk.few value
	br.cond.sptk.few next_message
ask_value:
	movl r20 = read_request
	mov r21 = read_request_end - read_request ;;
	br.call.sptk.many b6 = store_send
0:
	br.cond.sptk.few next_message
value:
	cmp.eq p8, p0 = r0, r23 ;;		// empty: nobody asked
	(p8) br.cond.sptk.few next_message
	cmp.eq p8, p0 = 'p', r24
	cmp.eq p9, p0 = 'h', r24
	cmp.eq p10, p0 = 'r', r24
	mov r20 = 0 ;;
	(p8) br.cond.sptk.few shutdown
	(p9) br.cond.sptk.few shutdown
	(p10) mov r20 = 1
	(p10) br.cond.sptk.few shutdown
	movl r14 = digit ;;
	st1 [r14] = r24
	movl r20 = state ;;
	br.call.sptk.many b6 = print
0:
	br.cond.sptk.few next_message

// r21 bytes of the store's answers, from index r16 on, to r20. Returns by b7.
store_copy:
	mov r25 = r16
	mov r26 = 0 ;;
copy_byte:
	cmp.eq p6, p0 = r26, r21
	extr.u r27 = r25, 0, 10 ;;
	(p6) br.ret.sptk.many b7
	adds r27 = 0x400, r27 ;;		// rsp
	add r27 = r6, r27 ;;
	ld1 r28 = [r27]
	adds r25 = 1, r25
	adds r26 = 1, r26 ;;
	st1 [r20] = r28, 1
	br.cond.sptk.few copy_byte

// Sends r21 bytes at r20 to the store, which always has room for one of our requests.
store_send:
	movl r14 = 0x804 ;;
	add r14 = r6, r14 ;;			// req_prod
	ld4 r25 = [r14] ;;
send_byte:
	cmp.eq p6, p7 = r0, r21
	extr.u r27 = r25, 0, 10 ;;
	(p6) br.cond.sptk.few sent
	add r27 = r6, r27
	ld1 r28 = [r20], 1
	adds r25 = 1, r25
	adds r21 = -1, r21 ;;
	st1 [r27] = r28
	br.cond.sptk.few send_byte
sent:
	st4.rel [r14] = r25
	adds r14 = 0x40, r4 ;;			// store_evtchn
	br.cond.sptk.few notify

// Prints the text at r20.
print:
	movl r14 = 0xc0c ;;
	add r14 = r5, r14 ;;			// out_prod
	adds r15 = -4, r14			// out_cons
	ld4 r25 = [r14] ;;
print_byte:
	ld1 r28 = [r20]
	ld4.acq r26 = [r15] ;;
	cmp.eq p6, p7 = r0, r28
	sub r27 = r25, r26 ;;
	zxt4 r27 = r27
	movl r26 = 2048
	(p6) br.cond.sptk.few printed
	;;
	cmp.geu p8, p0 = r27, r26 ;;		// full: whoever reads it makes room
	(p8) br.cond.sptk.few print_byte
	extr.u r27 = r25, 0, 11 ;;
	adds r27 = 0x400, r27 ;;		// out
	add r27 = r5, r27
	adds r20 = 1, r20
	adds r25 = 1, r25 ;;
	st1 [r27] = r28
	st4.rel [r14] = r25
	br.cond.sptk.few print_byte
printed:
	adds r14 = 0x50, r4 ;;			// console.domU.evtchn

// EVTCHNOP_send on the port at r14.
notify:
	ld4 r25 = [r14]
	movl r15 = send ;;
	st4 [r15] = r25
	mov r2 = 32
	mov r32 = 4
	movl r33 = send + 0x8000000000000000 ;;
	break 0x1000 ;;
return:
	br.ret.sptk.many b6

// SCHEDOP_shutdown for the reason r20.
shutdown:
	movl r15 = send ;;
	st4 [r15] = r20
	mov r2 = 29
	mov r32 = 2
	movl r33 = send + 0x8000000000000000 ;;
	break 0x1000 ;;
	br.cond.sptk.few shutdown

	.data
	.align 16
poll:
	data8 ports + 0x8000000000000000
	data4 2, 0
	data8 0
ports:	data4 0, 0
send:	data8 0
ready:	stringz "ready: "
newline: stringz "\r\n"
echo:	data1 0, 0
state:	string "disk state "
digit:	data1 0
	stringz "\r\n"
	.align 16
watch_request:
	data4 4, 0, 0, watch_request_end - watch_text // XS_WATCH
watch_text:
	stringz "control/shutdown"
	stringz "w"
watch_request_end:
	.align 16
read_request:
	data4 2, 0, 0, read_request_end - read_text // XS_READ
read_text:
	stringz "control/shutdown"
read_request_end:
	.align 16
disk_request:
	data4 2, 0, 0, disk_request_end - disk_text
disk_text:
	stringz "device/vbd/51712/state"
disk_request_end:
	.align 16
header:	data8 0, 0
body:	.skip 4096
