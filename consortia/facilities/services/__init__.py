"""What can be done with facilities, their slots and bookings."""

from consortia.facilities.services.booking import book_slot, cancel_booking, confirm_booking, decline_booking
from consortia.facilities.services.offering import offer_slot, withdraw_slot
from consortia.facilities.services.registering import register_facility, revise_facility

__all__ = [
    "book_slot",
    "cancel_booking",
    "confirm_booking",
    "decline_booking",
    "offer_slot",
    "register_facility",
    "revise_facility",
    "withdraw_slot",
]
