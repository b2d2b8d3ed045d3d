"""What the office asks of building, lane and street leaders: notices, visits, a look round in the rain."""
